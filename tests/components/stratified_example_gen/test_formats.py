"""The same table in every format gives the same records."""

import gzip
import io
import struct
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.columns import column_roles
from components.stratified_example_gen.index import index_records
from components.stratified_example_gen.records import BadRecord
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.tfrecord_table import framed_records
from components.stratified_example_gen.wire_example import Example
from core.errors import InputError

NUM_ROWS = 300


def rows():
    random = np.random.default_rng(0)
    for number in range(NUM_ROWS):
        yield {
            "width": None if number % 7 == 0 else round(float(random.normal()), 4),
            "count": int(random.integers(-5, 1000)),
            "line": ["north", "süd", 'the "east"', None][number % 4],
            "device": f"d{number // 5}",
            "kind": ["common", "common", "rare"][number % 3],
        }


def cell(value):
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def csv_text(some, mark=","):
    names = list(next(rows()))
    return (
        "\n".join([mark.join(names), *(mark.join(cell(row[name]) for name in names) for row in some)]) + "\n"
    )


def write_csv(folder):
    (folder / "t.csv").write_text(csv_text(rows()), encoding="utf-8")
    return "csv", "t.csv"


def write_csv_with_bom_and_crlf(folder):
    (folder / "t.csv").write_bytes(csv_text(rows()).replace("\n", "\r\n").encode("utf-8-sig"))
    return "csv", "t.csv"


def write_gzipped_csv(folder):
    (folder / "t.csv.gz").write_bytes(gzip.compress(csv_text(rows()).encode()))
    return "csv", "t.csv.gz"


def write_tabs(folder):
    (folder / "t.tsv").write_text(csv_text(rows(), "\t"), encoding="utf-8")
    return "csv", "t.tsv"


def write_semicolons_with_decimal_commas(folder):
    text = "\n".join(
        line if place == 0 else ";".join(part.replace(".", ",") for part in line.split(";"))
        for place, line in enumerate(csv_text(rows(), ";").splitlines())
    )
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return "csv", "t.csv"


def write_several_csv(folder):
    all_rows = list(rows())
    for number in range(3):
        (folder / f"part-{number}.csv").write_text(csv_text(all_rows[number * 100 : number * 100 + 100]))
    return "csv", "part-*.csv"


def write_parquet(folder):
    pq.write_table(pa.Table.from_pylist(list(rows())), folder / "t.parquet", row_group_size=70)
    return "parquet", "t.parquet"


def write_tfrecord(folder, name="t.tfrecord", pack=lambda content: content):
    content = io.BytesIO()
    for row in rows():
        example = Example()
        for column, value in row.items():
            if isinstance(value, str):
                example.features.feature[column].bytes_list.value.append(value.encode())
            elif isinstance(value, int):
                example.features.feature[column].int64_list.value.append(value)
            elif value is not None:
                example.features.feature[column].float_list.value.append(value)
        serialized = example.SerializeToString()
        content.write(struct.pack("<QI", len(serialized), 0) + serialized + struct.pack("<I", 0))
    (folder / name).write_bytes(pack(content.getvalue()))
    return "tfrecord", name


def write_examples(path, examples):
    """Writes features to lists of bytes, floats or ints as tf.Examples."""
    with open(path, "wb") as handle:
        for features in examples:
            example = Example()
            for name, values in features.items():
                kinds = {bytes: "bytes_list", float: "float_list", int: "int64_list"}
                getattr(example.features.feature[name], kinds[type(values[0])]).value.extend(values)
            serialized = example.SerializeToString()
            handle.write(struct.pack("<QI", len(serialized), 0) + serialized + struct.pack("<I", 0))


def write_gzipped_tfrecord(folder):
    return write_tfrecord(folder, "t.tfrecord.gz", gzip.compress)


WRITERS = [
    write_csv,
    write_csv_with_bom_and_crlf,
    write_gzipped_csv,
    write_tabs,
    write_semicolons_with_decimal_commas,
    write_several_csv,
    write_parquet,
    write_tfrecord,
    write_gzipped_tfrecord,
]


def settings_for(folder, kind, name, **more):
    return DataSettings(format=kind, path=str(folder / name), label="kind", group="device", **more)


def read_all(source):
    return [record for chunk in source.chunks() for record in source.read(chunk)]


def as_numbers(record):
    """The record as plain values; a float read from a TFRecord has float32's precision."""
    cells = record.cells
    width = None if cells["width"] is None else np.float32(cells["width"])
    return width, int(cells["count"]), cells["line"], record.group, record.label


@pytest.mark.parametrize("write", WRITERS)
def test_records_are_those_of_the_table(tmp_path, write):
    settings = settings_for(tmp_path, *write(tmp_path))
    records = read_all(open_source(settings, seed=0))
    expected = [
        (None if row["width"] is None else np.float32(row["width"]), *(row[name] for name in list(row)[1:]))
        for row in rows()
    ]
    assert sorted(map(as_numbers, records), key=str) == sorted(expected, key=str)
    assert len({record.key for record in records}) == NUM_ROWS
    assert check_data(settings, seed=0) == {"common": 200, "rare": 100}


@pytest.mark.parametrize(
    "write", [write_csv, write_gzipped_csv, write_parquet, write_tfrecord, write_gzipped_tfrecord]
)
def test_size_of_the_chunks_changes_nothing(tmp_path, write):
    source = open_source(settings_for(tmp_path, *write(tmp_path)), seed=0)
    [size] = [name for name in ("bytes_per_chunk", "rows_per_chunk") if hasattr(source, name)]
    small = type(source)(**{**vars(source), size: 64})
    assert len(small.chunks()) > len(source.chunks())
    assert read_all(small) == read_all(source)


def encoded_image():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_parquet_and_tfrecord_hold_images_themselves(tmp_path):
    good, cut = encoded_image(), encoded_image()[:-20]
    pq.write_table(pa.table({"kind": ["a", "b"], "picture": [good, cut]}), tmp_path / "t.parquet")
    settings = DataSettings(format="parquet", path=str(tmp_path / "t.parquet"), label="kind", image="picture")
    first, second = read_all(open_source(settings, seed=0))
    assert first.image == good and not first.cells
    assert isinstance(second, BadRecord) and "cut short" in second.why

    example = Example()
    example.features.feature["kind"].bytes_list.value.append(b"a")
    example.features.feature["picture"].bytes_list.value.append(good)
    serialized = example.SerializeToString()
    framed = struct.pack("<QI", len(serialized), 0) + serialized + struct.pack("<I", 0)
    (tmp_path / "t.tfrecord").write_bytes(framed)
    settings = DataSettings(
        format="tfrecord", path=str(tmp_path / "t.tfrecord"), label="kind", image="picture"
    )
    [record] = read_all(open_source(settings, seed=0))
    assert record.image == good


def test_files_that_are_something_else_are_refused(tmp_path):
    (tmp_path / "t").write_bytes(b"neither one nor the other, but long enough to have a head")
    for kind, words in (("parquet", "not a Parquet file"), ("tfrecord", "not a TFRecord file")):
        with pytest.raises(InputError, match=words):
            open_source(DataSettings(format=kind, path=str(tmp_path / "t"), label="kind"), seed=0)


def test_tfrecord_cut_short_is_refused(tmp_path):
    _, name = write_tfrecord(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-10])
    with pytest.raises(InputError, match="cut short"):
        list(framed_records(str(tmp_path / name)))


def test_lists_and_several_values_are_bad_records(tmp_path):
    pq.write_table(pa.table({"kind": ["a"], "x": [[1, 2]]}), tmp_path / "t.parquet")
    settings = DataSettings(format="parquet", path=str(tmp_path / "t.parquet"), label="kind")
    [record] = read_all(open_source(settings, seed=0))
    assert isinstance(record, BadRecord)
    assert record.why == "cannot be read (column 'x': expected a single value, received several)"
    write_examples(tmp_path / "t.tfrecord", [{"kind": [b"a"], "x": [1.0, 2.0]}])
    settings = DataSettings(format="tfrecord", path=str(tmp_path / "t.tfrecord"), label="kind")
    [record] = read_all(open_source(settings, seed=0))
    assert record.why == "cannot be read (column 'x': expected a single value, received several)"


def test_feature_that_only_late_records_or_other_files_have_is_a_column(tmp_path):
    write_examples(tmp_path / "a.tfrecord", [*[{"kind": [b"a"]}] * 150, {"kind": [b"a"], "late": [7]}])
    write_examples(tmp_path / "b.tfrecord", [{"kind": [b"b"], "other": [0.5]}])
    settings = DataSettings(format="tfrecord", path=str(tmp_path / "*.tfrecord"), label="kind")
    records = read_all(open_source(settings, seed=0))
    assert records[0].cells == {"late": None, "other": None}
    assert records[150].cells == {"late": "7", "other": None}
    assert records[151].cells == {"late": None, "other": "0.5"}


@pytest.mark.parametrize(
    ("names", "words"), [(["x", "x", "kind"], "'x' more than once"), (["", "kind"], "no name")]
)
def test_parquet_columns_that_a_row_cannot_tell_apart_are_refused(tmp_path, names, words):
    arrays = [pa.array(["a"])] * len(names)
    pq.write_table(pa.Table.from_arrays(arrays, names), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=words):
        open_source(DataSettings(format="parquet", path=str(tmp_path / "t.parquet"), label="kind"), seed=0)


def test_typed_columns_keep_their_kind(tmp_path):
    count = 40
    infinite = [float("inf"), float("-inf"), None, float("nan"), *[0.5] * (count - 4)]
    columns = {
        "double": pa.array(infinite, pa.float64()),
        "whole": pa.array([None, *[2**53 + 1] * (count - 1)], pa.int64()),
        "huge": pa.array([2**64 - 1] * count, pa.uint64()),
        "money": pa.array([Decimal("1.50")] * count),
        "flag": pa.array([True] * count),
        "word": pa.array(["x", "y"] * (count // 2)).dictionary_encode(),
        "digits": pa.array(["7"] * count),
        "day": pa.array([date(2024, 1, 2)] * count),
        "moment": pa.array([1] * count, pa.timestamp("us")),
        "lasted": pa.array([1] * count, pa.duration("s")),
        "kind": pa.array(["a", "b"] * (count // 2)),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    settings = DataSettings(format="parquet", path=str(tmp_path / "t.parquet"), label="kind")
    source = open_source(settings, seed=0)
    index = index_records(iter(read_all(source)), 1000)
    assert column_roles(index.tallies, "auto", "auto") == {
        "double": "number",
        "whole": "integer",
        "huge": "number",
        "money": "number",
        "flag": "category",
        "word": "category",
        "digits": "integer",
        "day": "category",
        "moment": "category",
        "lasted": "category",
    }
    assert index.tallies["double"].infinite == 2 and index.tallies["double"].missing == 2
    assert [note.split(": read as")[0] for note in source.notes()] == [
        "Column 'day' holds values of the type date32[day]",
        "Column 'moment' holds values of the type timestamp[us]",
        "Column 'lasted' holds values of the type duration[s]",
    ]


def test_pattern_without_a_match_is_refused(tmp_path):
    with pytest.raises(InputError, match="pattern"):
        open_source(DataSettings(format="csv", path=str(tmp_path / "no-*.csv"), label="kind"), seed=0)


def test_wire_example_is_tensorflows(tmp_path):
    import tensorflow as tf

    ours = Example()
    ours.features.feature["a"].float_list.value.extend([1.5, -2])
    ours.features.feature["b"].bytes_list.value.append(b"x")
    ours.features.feature["c"].int64_list.value.append(-3)
    theirs = tf.train.Example.FromString(ours.SerializeToString())
    assert theirs.features.feature["a"].float_list.value[:] == [1.5, -2]
    assert Example.FromString(theirs.SerializeToString()) == ours
