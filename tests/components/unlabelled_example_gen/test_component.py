"""The component as the pipeline runs it: raw files without a class in, shards of tf.Examples out."""

import json
from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import artifact_utils, channel_utils, standard_artifacts
from tfx.utils import io_utils

from components.stratified_example_gen.records import BadRecord, Record
from components.stratified_example_gen.settings import DataSettings
from components.unlabelled_example_gen.amounts import with_amounts
from components.unlabelled_example_gen.component import Executor, UnlabelledExampleGen
from components.unlabelled_example_gen.settings import BulkInferenceSettings
from core.errors import InputError

TYPES = {"defect": "BYTES", "record_key": "BYTES", "width": "FLOAT", "count": "INT", "line": "BYTES"}
IMAGE_TYPES = {"label": "BYTES", "record_key": "BYTES", "image": "BYTES"}
COLUMNS = ["line", "note", "width", "count"]


def table(**more):
    return DataSettings(format="csv", path="unused.csv", label="defect", **more)


def images(**more):
    return DataSettings(format="image_folder", path="unused", **more)


@pytest.fixture
def run(tmp_path_factory):
    """Runs the executor; returns the artifact's folder."""

    def run_executor(data, path, types=TYPES, skip=False, beam_args=(), amounts=()) -> Path:
        folder = tmp_path_factory.mktemp("run")
        schema = standard_artifacts.Schema()
        schema.uri = str(folder / "schema")
        content = "\n".join(f'feature {{ name: "{name}" type: {kind} }}' for name, kind in types.items())
        io_utils.write_pbtxt_file(
            f"{schema.uri}/schema.pbtxt", text_format.Parse(content, schema_pb2.Schema())
        )
        examples = standard_artifacts.Examples()
        examples.uri = str(folder / "examples")
        settings = BulkInferenceSettings(path=str(path), on_bad_record="skip" if skip else "fail")
        stage = UnlabelledExampleGen(channel_utils.as_channel([schema]), settings, data, amounts)
        context = Executor.Context(beam_pipeline_args=list(beam_args), tmp_dir=str(folder / "tmp"))
        Executor(context).Do({"schema": [schema]}, {"examples": [examples]}, stage.exec_properties)
        assert artifact_utils.decode_split_names(examples.split_names) == ["unlabelled"]
        return folder / "examples"

    return run_executor


def shards(examples: Path) -> list[list[dict[str, list]]]:
    """Parses the shards, each example as feature to values."""
    return [
        [_features(record) for record in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator()]
        for path in sorted((examples / "Split-unlabelled").iterdir())
    ]


def _features(serialized: bytes) -> dict[str, list]:
    features = tf.train.Example.FromString(serialized).features.feature
    kinds = {name: feature.WhichOneof("kind") for name, feature in features.items()}
    return {name: list(getattr(features[name], kind).value) for name, kind in kinds.items() if kind}


def summary(examples: Path) -> dict:
    return json.loads((examples / "unlabelled_summary.json").read_text())


def test_rows_keep_their_order_their_key_and_the_types_of_the_schema(run, write_csv):
    path = write_csv(COLUMNS, [["north", "x", "1.5", "3"], ["", "y", "2", "NA"], ["south", "", "", "2.5"]])
    assert shards(run(table(), path)) == [
        [
            {"record_key": [b"table.csv, row 1"], "line": [b"north"], "width": [1.5], "count": [3]},
            {"record_key": [b"table.csv, row 2"], "width": [2.0]},
            {"record_key": [b"table.csv, row 3"], "line": [b"south"], "count": [2]},
        ]
    ]


def test_a_class_is_not_looked_at(run, write_csv):
    plain = write_csv(["line", "width", "count"], [["north", "1", "2"]])
    labelled = write_csv(["defect", "line", "width", "count"], [["", "north", "1", "2"]], name="b/table.csv")
    assert shards(run(table(), plain)) == shards(run(table(), labelled))


def test_every_format_of_table_is_read_as_the_experiment_says(run, tmp_path):
    # Nothing in its name says what it is.
    path = tmp_path / "records"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for count in (1, 2):
            example = tf.train.Example()
            example.features.feature["count"].int64_list.value.append(count)
            writer.write(example.SerializeToString())
    data = DataSettings(format="tfrecord", path="unused", label="defect")
    assert [record["count"] for [*records] in shards(run(data, path)) for record in records] == [[1], [2]]


@pytest.mark.parametrize("folders", [[""], ["a", "b"], ["deep/er"]])
def test_images_are_read_with_and_without_folders(run, image_of, tmp_path, folders):
    for folder in folders:
        (tmp_path / "new" / folder).mkdir(parents=True)
        (tmp_path / "new" / folder / "1.png").write_bytes(image_of(1))
    [records] = shards(run(images(), tmp_path / "new", IMAGE_TYPES))
    keys = [f"{folder}/1.png".lstrip("/").encode() for folder in folders]
    assert records == [{"record_key": [key], "image": [image_of(1)]} for key in keys]


def test_nested_and_linked_images_are_read_and_the_others_named(run, image_of, tmp_path):
    (tmp_path / "new" / "monday").mkdir(parents=True)
    (tmp_path / "new" / "monday" / "1.jfif").write_bytes(image_of(1, "JPEG"))
    (tmp_path / "new" / ".pool").write_bytes(image_of(2))
    (tmp_path / "new" / "2.png").symlink_to(".pool")
    (tmp_path / "new" / "out.png").symlink_to("/dev/null")
    examples = run(images(), tmp_path / "new", IMAGE_TYPES)
    assert [record["record_key"] for [record] in [shards(examples)[0][:1], shards(examples)[0][1:]]] == [
        [b"2.png"],
        [b"monday/1.jfif"],
    ]
    assert summary(examples)["files_left_out"] == [
        [".pool", "is hidden"],
        ["out.png", "is a link that leaves the data's folder, to '/dev/null'"],
    ]


def test_new_data_that_change_are_read_again(write_images):
    folder = write_images({"monday": 1})
    stage = UnlabelledExampleGen(
        channel_utils.as_channel([standard_artifacts.Schema()]),
        BulkInferenceSettings(path=str(folder)),
        images(),
    )

    def fingerprint():
        properties = stage.DRIVER_CLASS(None).resolve_exec_properties(dict(stage.exec_properties), None, None)
        return properties["input_fingerprint"]

    before = fingerprint()
    assert fingerprint() == before
    (folder / "monday" / "monday0.png").rename(folder / "monday0.png")
    assert fingerprint() != before


def test_two_workers_write_the_same_bytes_as_one(run, write_csv):
    for part in range(4):
        rows = [["north", "", number / 7, number] for number in range(100 * part, 100 * part + 100)]
        write_csv(COLUMNS, rows, name=f"parts/{part}.csv")
    path = write_csv(COLUMNS, [], name="parts/4.csv").parent / "*.csv"
    one = run(table(), path)
    two = run(table(), path, beam_args=["--direct_num_workers=2", "--direct_running_mode=multi_threading"])
    counts = [record["count"] for shard in shards(one) for record in shard]
    assert len(shards(one)) == 4 and counts == [[number] for number in range(400)]
    contents = [
        [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
        for folder in (one, two)
    ]
    assert contents[0] == contents[1]


def test_bad_records_are_named_or_left_out(run, write_csv):
    path = write_csv(COLUMNS, [["a", "", "wide", "1"], ["a", "", "1", "1"], ["a", "", "1", "one"]])
    with pytest.raises(InputError, match=r"row 1 holds 'wide'.*row 3 holds 'one'.*on_bad_record to skip"):
        run(table(), path)
    examples = run(table(), path, skip=True)
    assert [record["record_key"] for record in shards(examples)[0]] == [[b"table.csv, row 2"]]
    assert summary(examples)["records"] == 1
    assert [key for key, _ in summary(examples)["left_out"]] == ["table.csv, row 1", "table.csv, row 3"]


def test_a_column_of_the_schema_that_is_not_there_is_named(run, write_csv):
    path = write_csv(["line", "widht", "count"], [["north", "1", "2"]])
    with pytest.raises(InputError, match=r"bulk_inference\.path: .*'width'.*Did you mean 'widht'"):
        run(table(), path)


def test_a_table_without_rows_is_a_shard_without_records(run, write_csv):
    examples = run(table(), write_csv(COLUMNS, []))
    assert shards(examples) == [[]]
    assert summary(examples) == {"version": 1, "records": 0, "left_out": [], "files_left_out": []}


def test_a_record_without_an_amount_is_bad():
    cells = [{"fee": cell} for cell in ("3", None, "-1", "4.5", "x")]
    records = [Record(str(number), "", one) for number, one in enumerate(cells)]
    read = list(with_amounts(iter([*records, BadRecord("5", "is broken")]), ["fee"]))
    assert [isinstance(one, Record) for one in read] == [True, False, False, True, False, False]
    assert "has nothing in column 'fee'" in read[1].why and "has '-1' in column 'fee'" in read[2].why
    assert read[-1].why == "is broken"
    assert list(with_amounts(iter(records), ())) == records


def test_records_without_an_amount_are_left_out_of_what_is_scored(tmp_path, run):
    table_file = tmp_path / "new.csv"
    table_file.write_text("line,width,count\nn,1.5,3\ns,,4\nn,-2,5\n")
    examples = run(table(), table_file, skip=True, amounts=("width",))
    left_out = json.loads((examples / "unlabelled_summary.json").read_text())["left_out"]
    assert [key for key, _ in left_out] == ["new.csv, row 2", "new.csv, row 3"]
    assert sum(map(len, shards(examples))) == 1
