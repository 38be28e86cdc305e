"""The stage over examples on disk, with TFDV's own statistics, schema and anomalies."""

import csv
import json
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils
from tfx_bsl.coders import example_coder

from components import statistics_in_memory
from components.artifacts import ImbalanceReport
from components.examples_io import encode_examples, shard_path, write_shard
from components.imbalance_validator.component import ImbalanceValidator
from components.imbalance_validator.settings import ValidationSettings
from components.imbalance_validator.shard_index import index_shard, sample_shard
from core.documents.split_summary import Duplicates, SplitSummary
from core.errors import InputError
from core.features import RECORD_KEY, RECORD_TIME
from core.times.written import DAY

FLOAT, STRING = statistics_pb2.FeatureNameStatistics.FLOAT, statistics_pb2.FeatureNameStatistics.STRING
SPLITS = {"train": 140, "eval": 30, "test": 30}
TEXTS = ("colour", "kind", "picture")
Record = dict[str, Any]


def make_records() -> dict[str, list[Record]]:
    """Two classes, one of four records a cat; every record has numbers, a colour, a picture and a group."""
    random = np.random.default_rng(0)
    records: dict[str, list[Record]] = {}
    for split, size in SPLITS.items():
        records[split] = [
            {
                "key": f"{split}.csv, row {row}",
                "kind": "cat" if row % 4 == 0 else "dog",
                "weight": float(random.normal(row % 4 == 0, 1)),
                "length": float(random.normal(row % 4 == 0, 1)),
                "colour": str(random.choice(["red", "green"])),
                "picture": f"{split}{row}".encode(),
                "group": f"{split}{row // 3}",
            }
            for row in range(size)
        ]
    return records


def serialize(records: list[Record]) -> list[bytes]:
    def column(type_: pa.DataType, key: str) -> pa.Array:
        values = [record[key] for record in records]
        return pa.array(
            [[value.encode() if isinstance(value, str) else value] for value in values], pa.list_(type_)
        )

    names = sorted({*records[0]} - {"key", "group"})
    kinds = {RECORD_TIME: pa.int64(), **dict.fromkeys(TEXTS, pa.binary())}
    columns = {name: column(kinds.get(name, pa.float32()), name) for name in names}
    return encode_examples({RECORD_KEY: column(pa.binary(), "key"), **columns})


class Stage:
    """The stage's artifacts in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def artifact(self, name: str, kind: Any) -> Any:
        artifact = kind()
        artifact.uri = str(self.folder / name)
        if hasattr(artifact, "split_names"):
            artifact.split_names = artifact_utils.encode_split_names(["eval", "test", "train"])
        return artifact

    def write(self, records: dict[str, list[Record]]) -> None:
        """Writes the examples in three shards a split, one of them empty, and runs TFDV over them."""
        with open(self._made("examples") / "splits.csv", "w", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["key", "class", "group", "split", "dropped_because"])
            for split, rows in records.items():
                writer.writerows([row["key"], row["kind"], row["group"], split, ""] for row in rows)
        schema = None
        for split, rows in records.items():
            encoded = serialize(rows)
            half = len(encoded) // 2
            uri = str(self._made(f"examples/Split-{split}"))
            for number, shard in enumerate((encoded[:half], encoded[half:], [])):
                write_shard(shard_path(uri, number, 3), shard)
            batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(encoded)
            statistics = generate_statistics_in_memory(batch)
            schema = schema or tfdv.infer_schema(statistics, infer_feature_shape=False)
            anomalies = tfdv.validate_statistics(statistics, schema)
            for name, file, found in (
                ("statistics", "FeatureStats.pb", statistics),
                ("anomalies", "SchemaDiff.pb", anomalies),
            ):
                (self._made(f"{name}/Split-{split}") / file).write_bytes(found.SerializeToString())
        io_utils.write_pbtxt_file(str(self._made("schema") / "schema.pbtxt"), schema)

    def run(self, **changes: Any) -> dict[str, Any]:
        parameters = {
            "validation": ValidationSettings().model_dump_json(),
            "label": "kind",
            "image": "picture",
            "has_groups": True,
            "splits_given": False,
            **changes,
        }
        ImbalanceValidator.test_call(
            examples=self.artifact("examples", standard_artifacts.Examples),
            statistics=self.artifact("statistics", standard_artifacts.ExampleStatistics),
            schema=self.artifact("schema", standard_artifacts.Schema),
            anomalies=self.artifact("anomalies", standard_artifacts.ExampleAnomalies),
            imbalance_report=self.artifact("report", ImbalanceReport),
            beam_pipeline=beam.Pipeline(),
            **parameters,
        )
        return self.report()

    def report(self) -> dict[str, Any]:
        return json.loads((self.folder / "report" / "report.json").read_text())

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        return self.folder / name


@pytest.fixture
def stage(tmp_path) -> Stage:
    return Stage(tmp_path)


def findings_of(report: dict[str, Any], severity: str) -> list[dict[str, Any]]:
    return [finding for finding in report["findings"] if finding["severity"] == severity]


def test_clean_data_pass_and_are_described(stage):
    records = make_records()
    stage.write(records)
    report = stage.run()
    assert findings_of(report, "hard") == findings_of(report, "soft") == []
    assert report["classes"]["cat"] == {"train": 35, "eval": 8, "test": 8}
    assert report["balance"]["imbalance_ratio"] == 3
    assert report["sampled"] == 140 and set(report["feature_auc"]) == {"weight", "length", "colour"}
    cats = [row["weight"] for row in records["train"] if row["kind"] == "cat"]
    described = report["features"]["numeric"]["weight"]["cat"]
    assert described["mean"] == pytest.approx(np.mean(cats), rel=1e-5) and described["count"] == 35
    assert set(report["features"]["categorical"]) == {"colour"}  # Never the picture, the key or the label.
    left = sorted(path.name for path in (stage.folder / "report").iterdir())
    assert left == ["FeatureStats.pb", "report.json"]


def test_splits_in_the_order_of_time_pass_and_a_planted_later_record_ends_the_run(stage):
    records = make_records()
    for number, rows in enumerate(records.values()):
        for place, row in enumerate(rows):
            row[RECORD_TIME] = (1000 * number + place) * DAY
    stage.write(records)
    report = stage.run(time_gap=7 * DAY)
    assert findings_of(report, "hard") == [] and RECORD_TIME not in report["feature_auc"]
    records["train"][5][RECORD_TIME] = 1000 * DAY
    stage.write(records)
    with pytest.raises(InputError, match="Split train reaches to 1972-09-27, and eval begins at 1972-09-27"):
        stage.run(time_gap=0)
    # Splits by something else may mix the times.
    assert findings_of(stage.run(), "hard") == []


def test_more_records_than_fit_into_memory_are_described_alike(stage, monkeypatch):
    stage.write(make_records())
    report = stage.run()
    monkeypatch.setattr(statistics_in_memory, "MOST_BYTES", -1)
    (stage.folder / "report" / "FeatureStats.pb").unlink()
    assert stage.run() == report


def plant_group(records):
    records["eval"][7]["group"] = records["train"][2]["group"]


def plant_leak(records):
    for row in (row for rows in records.values() for row in rows):
        row["leak"] = {"dog": 5.0, "cat": 7.0, "Cat ": 6.0, "lynx": 8.0}[row["kind"]]


def plant_everything(records):
    for row in records["train"][1:60:4]:
        row["kind"] = "lynx"
    for row in (row for rows in records.values() for row in rows[::8]):
        row["kind"] = "Cat "
    records["test"][3] = {**records["train"][11], "key": "test.csv, row 3", "group": "test1"}
    records["eval"][5]["key"] = records["train"][2]["key"]
    records["test"][6]["colour"] = "pink"
    plant_group(records)
    plant_leak(records)


PLANTED = {
    "records_in_one_split": [
        "1 content stands in several splits, in 2 records: train.csv, row 11 (train) = test.csv, row 3 (test)",
        "1 record key stands in several splits: train.csv, row 2 (train) = train.csv, row 2 (eval)",
    ],
    "groups_in_one_split": ["in several splits: ", "'train0' (train and eval)"],
    "label_given_away": ["Feature 'leak' alone gives the label away: its AUC is 1"],
    "class_in_every_split": ["'lynx' has no example in eval and test (there are 15 in train)"],
    "label_spelling": ["differ by case or space only", "'cat' (", "'Cat ' ("],
    "schema_anomalies": ["Feature 'colour' breaks the schema in test: Examples contain values missing"],
}


def test_all_that_is_planted_is_found_and_stops_the_run(stage):
    records = make_records()
    plant_everything(records)
    stage.write(records)
    with pytest.raises(InputError) as refused:
        stage.run()
    hard = findings_of(stage.report(), "hard")
    for check, texts in PLANTED.items():
        messages = " ".join(finding["message"] for finding in hard if finding["check"] == check)
        for text in texts:
            assert text in messages and text in str(refused.value)

    off = ValidationSettings(skip=tuple(PLANTED))
    report = stage.run(validation=off.model_dump_json(), splits_given=True)
    assert findings_of(report, "hard") == []
    assert {name for name, was_run in report["checks"].items() if not was_run} == set(PLANTED)


def test_hard_findings_are_reported_and_let_pass_by_warn(stage):
    records = make_records()
    plant_leak(records)
    stage.write(records)
    report = stage.run(validation=ValidationSettings(on_anomaly="warn").model_dump_json())
    assert [finding["subject"] for finding in findings_of(report, "hard")] == ["leak"]


def test_splits_csv_is_not_believed_as_to_where_a_record_stands(stage):
    records = make_records()
    plant_group(records)
    stage.write(records)
    table = stage.folder / "examples" / "splits.csv"
    table.write_text(table.read_text().replace(",eval,", ",train,"))
    with pytest.raises(InputError, match=r"'train0' \(train and eval\)"):
        stage.run()


def test_examples_of_pictures_alone_need_no_statistics_by_class(stage):
    kept = ("key", "kind", "picture", "group")
    records = {
        split: [{name: row[name] for name in kept} for row in rows] for split, rows in make_records().items()
    }
    stage.write(records)
    report = stage.run()
    assert findings_of(report, "hard") == [] and report["features"] == {"numeric": {}, "categorical": {}}
    assert report["feature_auc"] == {} and report["sampled"] == 0


def test_the_last_runs_data_are_compared_where_they_are_still_there(stage, tmp_path):
    stage.write(make_records())
    previous = stage.artifact("previous", standard_artifacts.Examples)
    assert findings_of(stage.run(previous_examples=previous), "soft") == []  # Cleared away by somebody.
    SplitSummary(
        splits=("train",),
        classes={"cat": {"train": 100}, "dog": {"train": 100}},
        duplicates=Duplicates(policy="drop", found=0, dropped=0),
    ).write(previous.uri)
    soft = findings_of(stage.run(previous_examples=previous), "soft")
    assert {(finding["check"], finding["subject"]) for finding in soft} == {
        ("drift_since_last_run", "cat"),
        ("drift_since_last_run", "dog"),
    }


def test_the_sample_is_drawn_by_the_record_and_not_by_the_shard(tmp_path):
    encoded = serialize(make_records()["train"])
    whole, half, rest = (str(tmp_path / name) for name in ("whole.gz", "half.gz", "rest.gz"))
    write_shard(whole, encoded)
    write_shard(half, encoded[:50])
    write_shard(rest, encoded[50:])
    types, rates = {"weight": FLOAT, "colour": STRING}, {"cat": 1.0, "dog": 0.4}

    def drawn(*paths):
        tables = [sample_shard(path, types, "kind", rates) for path in paths]
        return [row for table in tables for row in table.to_pylist()]

    assert drawn(whole) == drawn(half, rest)
    classes = [row["kind"] for row in drawn(whole)]
    assert classes.count([b"cat"]) == 35 and 20 < classes.count([b"dog"]) < 65


def test_the_index_holds_every_record_and_ignores_key_and_class(tmp_path):
    rows = make_records()["train"]
    rows[1] = {**rows[0], "key": "another", "kind": "dog"}
    path = str(tmp_path / "shard.gz")
    write_shard(path, serialize(rows))
    index = index_shard(path, "kind")
    assert [index.classes[label] for label in index.labels] == [row["kind"] for row in rows]
    assert len(np.unique(index.contents, axis=0)) == len(rows) - 1
    assert len(np.unique(index.keys, axis=0)) == len(rows)
    copy = type(index).from_bytes(index.to_bytes())
    assert copy.classes == index.classes and (copy.contents == index.contents).all()


def test_the_signature_is_the_contract():
    specification = ImbalanceValidator.SPEC_CLASS
    required = {"examples", "statistics", "schema", "anomalies"}
    assert set(specification.INPUTS) == {*required, "previous_examples"}
    assert {name for name, channel in specification.INPUTS.items() if not channel.optional} == required
    assert set(specification.OUTPUTS) == {"imbalance_report"}
    assert ImbalanceReport.TYPE_NAME == "counterpoise.ImbalanceReport"
