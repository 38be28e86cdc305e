"""Which rows of Parquet and TFRecord files are looked at, and what their cells are."""

import gzip
import io
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.parquet_sample import sample_parquet
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.tfrecord_sample import sample_tfrecord
from components.stratified_example_gen.wire_example import Example
from core.errors import InputError
from pipeline.config import load_experiment
from pipeline.proposal.data_facts import gather_facts
from pipeline.proposal.propose import propose
from tests.pipeline.proposal.tables import of_two


def picture(seed, height=40, width=60):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def write_parquet(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return str(path)


def write_tfrecord(path, columns):
    def framed():
        for row in zip(*columns.values(), strict=True):
            example = Example()
            for name, value in zip(columns, row, strict=True):
                values = value if isinstance(value, list) else [] if value is None else [value]
                for one in values:
                    feature = example.features.feature[name]
                    if isinstance(one, str | bytes):
                        feature.bytes_list.value.append(one.encode() if isinstance(one, str) else one)
                    elif isinstance(one, float):
                        feature.float_list.value.append(one)
                    else:
                        feature.int64_list.value.append(one)
            content = example.SerializeToString()
            yield struct.pack("<QI", len(content), 0) + content + b"\0" * 4

    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "wb") as handle:
        handle.writelines(framed())
    return str(path)


def parts(num_rows=300, with_pictures=False):
    random = np.random.default_rng(0)
    columns = {
        "width": [None if row % 7 == 0 else float(random.normal()) for row in range(num_rows)],
        "line": [["north", "süd", None][row % 3] for row in range(num_rows)],
        "device_id": [f"d{row // 5}" for row in range(num_rows)],
        "defect": of_two(num_rows, num_rows // 10),
    }
    if with_pictures:
        columns["photo"] = [picture(row) for row in range(num_rows)]
    return columns


def numbered(num_rows):
    return {"number": list(range(num_rows)), "text": [f"row {row}" for row in range(num_rows)]}


WRITERS = {
    "t.parquet": (write_parquet, sample_parquet),
    "t.tfrecord": (write_tfrecord, sample_tfrecord),
    "t.tfrecord.gz": (write_tfrecord, sample_tfrecord),
}
every_format = pytest.mark.parametrize("name", WRITERS)


@every_format
def test_small_table_is_read_whole(tmp_path, name):
    write, sample = WRITERS[name]
    read = sample([write(tmp_path / name, numbered(5))])
    assert read.columns == {"number": ("0", "1", "2", "3", "4"), "text": tuple(f"row {n}" for n in range(5))}
    assert read.whole and read.num_rows == read.estimated_rows == 5


@pytest.mark.parametrize(("name", "options"), [("t.parquet", {"row_group_size": 777}), ("t.tfrecord", {})])
def test_large_table_is_read_in_pieces_from_start_to_end(tmp_path, name, options):
    write, sample = WRITERS[name]
    read = sample([write(tmp_path / name, numbered(20_000), **options)], whole_bytes=0)
    numbers = [int(number) for number in read.columns["number"]]
    assert numbers == sorted(set(numbers)) and 950 <= len(numbers) == read.num_rows <= 1000
    assert read.columns["text"] == tuple(f"row {number}" for number in numbers)
    assert numbers[:250] == list(range(250)) and numbers[-1] == 19_999
    assert {number // 2000 for number in numbers} == set(range(10))
    assert not read.whole and read.estimated_rows == 20_000


def test_start_of_a_packed_tfrecord_is_read(tmp_path):
    read = sample_tfrecord([write_tfrecord(tmp_path / "t.tfrecord.gz", numbered(3000))], whole_bytes=0)
    assert [int(number) for number in read.columns["number"]] == list(range(read.num_rows))
    assert not read.whole and read.estimated_rows == 3000


@every_format
def test_several_files_are_one_table(tmp_path, name):
    write, sample = WRITERS[name]
    files = [write(tmp_path / f"{number}{name}", numbered(2)) for number in range(2)]
    assert sample(files).columns["number"] == ("0", "1", "0", "1")


@every_format
def test_pictures_and_what_is_no_cell_are_told_from_text(tmp_path, name):
    write, sample = WRITERS[name]
    columns = {
        "photo": [picture(row) for row in range(9)],
        "noise": [b"\xff\xfe" + bytes([row]) for row in range(9)],
        "vector": [[1.0, 2.0]] * 9,
        "kind": [b"a"] * 9,
    }
    read = sample([write(tmp_path / name, columns)])
    assert read.columns == {"kind": ("a",) * 9}
    assert read.pictures == {"photo": tuple(columns["photo"])}
    assert read.unusable == {
        "noise": "holds bytes that are no text and no picture",
        "vector": "holds several values in a cell",
    }


@every_format
def test_proposal_loads_and_the_pipeline_reads_what_was_counted(tmp_path, name):
    write, _ = WRITERS[name]
    path = write(tmp_path / name, parts())
    proposal = propose(path, str(tmp_path / "x.yaml"))
    data = load_experiment(proposal.output).data
    assert data.format == name.split(".")[1] and data.path == path
    assert (data.label, data.group, data.image) == ("defect", "device_id", None)
    assert proposal.facts.roles.numeric == ["width"] and proposal.facts.roles.categorical == ["line"]
    assert check_data(data, 0) == {"common": 270, "rare": 30} == proposal.facts.counts
    source = open_source(data, 0)
    records = [record for chunk in source.chunks() for record in source.read(chunk)]
    assert sum(record.label == "rare" for record in records) == 30


@every_format
def test_images_inside_the_table_are_the_image(tmp_path, name):
    write, _ = WRITERS[name]
    proposal = propose(write(tmp_path / name, parts(60, with_pictures=True)), str(tmp_path / "x.yaml"))
    experiment = load_experiment(proposal.output)
    assert experiment.data.image == "photo"
    assert (proposal.facts.images.height, proposal.facts.images.width) == (40, 60)
    assert "Holds an encoded image in every row" in proposal.text
    assert check_data(experiment.data, 0).total() == 60


def test_pattern_of_files_is_proposed_as_such(tmp_path):
    for number in range(3):
        write_parquet(tmp_path / f"part-{number}.parquet", parts(100))
    proposal = propose(str(tmp_path / "part-*.parquet"), str(tmp_path / "x.yaml"))
    data = load_experiment(proposal.output).data
    assert data.path == str(tmp_path / "part-*.parquet") and check_data(data, 0).total() == 300


def test_image_paths_are_taken_from_parquet_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    for row in range(40):
        (tmp_path / "photos" / f"{row}.png").write_bytes(picture(row))
    columns = {**parts(40), "photo": [f"photos/{row}.png" for row in range(40)]}
    assert gather_facts(write_parquet(tmp_path / "t.parquet", columns)).roles.image == "photo"
    roles = gather_facts(write_tfrecord(tmp_path / "t.tfrecord", columns)).roles
    assert roles.image is None and "photo" in roles.drop


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.parquet", b"no parquet", "not a Parquet file"),
        ("t.tfrecord", b"no records at all", "not a TFRecord file"),
        ("t.tfrecord", b"", "holds no records"),
        ("t.tfrecord", struct.pack("<QI", 3, 0) + b"abc" + b"\0" * 4, "no tf.Example"),
    ],
)
def test_file_of_another_kind_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        gather_facts(str(tmp_path / name))


def test_parquet_without_rows_is_refused(tmp_path):
    path = write_parquet(
        tmp_path / "t.parquet", {"a": pa.array([], pa.int64()), "label": pa.array([], pa.string())}
    )
    with pytest.raises(InputError, match="no rows"):
        gather_facts(path)
