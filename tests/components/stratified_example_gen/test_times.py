"""Records with times, from file to tf.Examples: the component in each format, and what is refused before it is run."""

import csv
import json
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.settings import SPLITS, DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.wire_example import Example
from core.errors import InputError
from core.times.written import DAY

NUM_ROWS = 200
START = datetime(2024, 1, 1)
MOMENTS = [START + timedelta(hours=5 * row) for row in range(NUM_ROWS)]
KINDS = [["common", "common", "rare"][row % 3] for row in range(NUM_ROWS)]
EXACT = [1_704_067_200_000_000 + 5 * 3_600_000_000 * row for row in range(NUM_ROWS)]


def settings_of(path, form="csv", **more):
    return DataSettings(format=form, path=str(path), label="kind", time="when", **more)


def write_table(write_csv, cells, name="table.csv", **more):
    columns = {"when": cells, "amount": range(NUM_ROWS), "kind": KINDS, **more}
    return write_csv(list(columns), list(zip(*columns.values(), strict=True)), name)


def times_of(settings):
    source = open_source(settings, 0)
    return [record.time for chunk in source.chunks() for record in source.read(chunk)]


@pytest.mark.parametrize(
    "spell",
    [
        datetime.isoformat,
        lambda moment: moment.replace(tzinfo=timezone.utc).isoformat(),
        lambda moment: moment.strftime("%d/%m/%Y %H:%M"),
        lambda moment: str(int(moment.replace(tzinfo=timezone.utc).timestamp())),
        lambda moment: f"{moment.replace(tzinfo=timezone.utc).timestamp() * 1000:.0f}",
    ],
)
def test_a_csv_tables_times_are_exact_however_they_are_spelled(write_csv, spell):
    assert times_of(settings_of(write_table(write_csv, map(spell, MOMENTS)))) == EXACT


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("ms", "UTC"), pa.int64()]
)
def test_a_parquet_tables_times_are_exact(tmp_path, kind):
    when = pa.array(EXACT if kind == pa.int64() else MOMENTS, kind)
    pq.write_table(pa.table({"when": when, "kind": KINDS, "amount": range(NUM_ROWS)}), tmp_path / "t.parquet")
    assert times_of(settings_of(tmp_path / "t.parquet", "parquet")) == EXACT


def test_a_parquet_tables_dates_are_midnights(tmp_path):
    dates = [date(2024, 1, 1) + timedelta(days=row) for row in range(NUM_ROWS)]
    pq.write_table(
        pa.table({"when": dates, "kind": KINDS, "amount": range(NUM_ROWS)}), tmp_path / "t.parquet"
    )
    assert times_of(settings_of(tmp_path / "t.parquet", "parquet")) == [
        EXACT[0] + DAY * row for row in range(NUM_ROWS)
    ]


@pytest.mark.parametrize("as_text", [False, True])
def test_tf_examples_times_are_exact(tmp_path, as_text):
    tf = pytest.importorskip("tensorflow")
    path = str(tmp_path / "t.tfrecord")
    with tf.io.TFRecordWriter(path) as writer:
        for moment, exact, kind in zip(MOMENTS, EXACT, KINDS, strict=True):
            example = Example()
            feature = example.features.feature
            if as_text:
                feature["when"].bytes_list.value.append(moment.isoformat().encode())
            else:
                feature["when"].int64_list.value.append(exact // 1000)
            feature["kind"].bytes_list.value.append(kind.encode())
            feature["amount"].float_list.value.append(1.0)
            writer.write(example.SerializeToString())
    assert times_of(settings_of(path, "tfrecord")) == EXACT


@pytest.mark.parametrize(
    ("cells", "more", "said"),
    [
        (
            ["03/04/2024"] * NUM_ROWS,
            {},
            "data.time: column 'when' leaves open which number is the day.*data.day_first",
        ),
        (["red"] * NUM_ROWS, {}, "data.time: column 'when' holds times in 0 of 200 cells.*'red'"),
        (
            [*map(str, MOMENTS[2:]), "soon", ""],
            {},
            "data.time: 2 of 200 rows have no time that can be read: column 'when' holds 'soon' in 1, nothing in 1, expected year",
        ),
        (
            map(str, MOMENTS),
            {"splits": {"time": {"eval_from": "2023-01-01", "test_from": "2024-02-01"}}},
            "eval_from: the records' times reach from 2024-01-01 to 2024-02-11 11:00:00",
        ),
        (
            map(str, MOMENTS),
            {"splits": {"time": {"gap": "7d"}}},
            r"no record is left for eval \(train 107, eval 0, test 30, 63 in the gap of 7d\)",
        ),
        (
            ["2024-01-01", "2024-01-02"] * 100,
            {"splits": {"time": {}}},
            "holds 2 different times; three splits need three",
        ),
    ],
)
def test_what_no_split_by_time_can_be_made_of_is_refused_before_it_is_read(write_csv, cells, more, said):
    with pytest.raises(InputError, match=said):
        check_data(settings_of(write_table(write_csv, cells), **more), 0)


def test_a_column_that_is_not_there_is_named_with_the_nearest(write_csv):
    path = write_table(write_csv, map(str, MOMENTS))
    settings = DataSettings(format="csv", path=str(path), label="kind", time="wen")
    with pytest.raises(InputError, match=r"data.time: no column 'wen'.*Did you mean 'when'"):
        open_source(settings, 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs the executor; returns the artifact's folder."""
    from tfx.types import standard_artifacts

    from components.stratified_example_gen.component import Executor, StratifiedExampleGen

    def run_executor(settings, beam_args=None):
        folder = tmp_path_factory.mktemp("run")
        artifact = standard_artifacts.Examples()
        artifact.uri = str(folder / "examples")
        context = Executor.Context(beam_pipeline_args=beam_args or [], tmp_dir=str(folder / "tmp"))
        Executor(context).Do({}, {"examples": [artifact]}, StratifiedExampleGen(settings, 0).exec_properties)
        return folder / "examples"

    return run_executor


def examples_of(folder, split):
    import tensorflow as tf

    for path in sorted((folder / f"Split-{split}").iterdir()):
        for serialized in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator():
            yield Example.FromString(serialized).features.feature


def test_splits_by_time_carry_the_time_and_account_for_all(run, write_csv):
    contents = list(range(NUM_ROWS))
    contents[20], groups = 190, [f"g{row}" for row in range(NUM_ROWS)]
    groups[30] = groups[195] = "comes back"
    path = write_table(write_csv, [*map(str, MOMENTS[:-1]), "soon"], amount=contents, who=groups)
    settings = settings_of(
        path,
        group="who",
        on_bad_record="skip",
        splits={"time": {"train": 0.6, "eval": 0.2, "test": 0.2, "gap": "20h"}},
    )
    folder = run(settings)
    found = {}
    for split in SPLITS:
        for feature in examples_of(folder, split):
            assert "when" not in feature
            number = int(feature["record_key"].bytes_list.value[0].decode().rpartition(" ")[2]) - 1
            found[number] = (split, feature["record_time"].int64_list.value[0])
    assert all(time == EXACT[number] for number, (_, time) in found.items())
    # 199 times: eval begins with the record nearest to .6 of them, a gap is four records long.
    expected = ["train"] * 115 + [""] * 4 + ["eval"] * 36 + [""] * 4 + ["test"] * 40
    expected[20] = expected[30] = ""
    assert [found.get(number, ("",))[0] for number in range(NUM_ROWS - 1)] == expected
    summary = json.loads((folder / "split_summary.json").read_text())
    account = summary["account"]["records"]
    assert account == {
        "found": 200, "used": 189, "duplicates": 1, "bad": 1, "repeats": 0, "moved": 0, "in_gap": 8, "continuing": 1,
    }  # fmt: skip
    assert summary["time"]["split"] == {
        "eval_from": "2024-01-25 19:00:00", "test_from": "2024-02-03 03:00:00", "gap": "20h",
        "in_gap": 8, "continuing": 1, "repeated_later": 1,
    }  # fmt: skip
    assert summary["time"]["records_per_day"] == pytest.approx(24 / 5)
    assert summary["columns"]["used"]["when"] == "time"
    assert summary["notes"][0].startswith("Column 'when' read as times: year, month, day")
    with open(folder / "splits.csv", newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["split"] for row in rows[:-1]] == expected and rows[5]["time"] == str(MOMENTS[5])
    reasons = [row["dropped_because"] for row in rows if not row["split"]]
    assert reasons.count("in the gap") == 8
    assert (
        "its group goes on in a later split" in reasons
        and "an equal record stands in a later split" in reasons
    )
    assert rows[-1]["dropped_because"].startswith(
        "has a time that cannot be read: column 'when' holds 'soon'"
    )


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_workers_write_the_same_bytes(run, write_csv):
    settings = settings_of(write_table(write_csv, map(str, MOMENTS)), splits={"time": {}})
    workers = ["--direct_running_mode=multi_processing", "--direct_num_workers=2"]
    assert files_of(run(settings, workers)) == files_of(run(settings))


def test_images_of_a_table_go_by_its_times(run, write_csv, write_images):
    folder = write_images({"cat": 30, "dog": 30})
    names = [f"{folder.name}/{kind}/{kind}{number}.png" for number in range(30) for kind in ("cat", "dog")]
    rows = [
        (name, name.split("/")[1], f"2024-{1 + row // 10:02d}-{1 + row % 10:02d}")
        for row, name in enumerate(names)
    ]
    path = write_csv(["file", "kind", "when"], rows, "images.csv")
    folder = run(settings_of(path, image="file", splits={"time": {}}))
    counts = [len(list(examples_of(folder, split))) for split in SPLITS]
    assert counts == [42, 9, 9]
    latest = {
        split: max(f["record_time"].int64_list.value[0] for f in examples_of(folder, split))
        for split in SPLITS
    }
    assert latest["train"] < latest["eval"] < latest["test"] and all(
        feature["file"].bytes_list.value[0].startswith(b"\x89PNG") for feature in examples_of(folder, "test")
    )


def test_times_without_a_split_by_them_are_carried_in_splits_by_shares(run, write_csv):
    folder = run(settings_of(write_table(write_csv, map(str, MOMENTS))))
    times = [f["record_time"].int64_list.value[0] for split in SPLITS for f in examples_of(folder, split)]
    assert sorted(times) == EXACT
    summary = json.loads((folder / "split_summary.json").read_text())
    assert "split" not in summary["time"] or summary["time"]["split"] is None
    assert summary["time"]["records_per_day"] == pytest.approx(24 / 5)
    counts = [sum(period["classes"].values()) for period in summary["time"]["periods"]]
    assert sum(counts) == NUM_ROWS and len(counts) == 12 and np.ptp(counts) <= 1
