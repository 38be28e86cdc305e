"""The table of formats."""

import pickle
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.stratified_example_gen.find_tables import named_format
from components.stratified_example_gen.settings import Format
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from components.unlabelled_example_gen.sources import open_unlabelled


def test_every_format_of_a_table_that_an_experiment_may_name_has_a_row():
    assert {*TABLE_FORMATS, "image_folder"} == set(get_args(Format))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("parts.csv", "csv"),
        ("parts.csv.gz", "csv"),
        ("two\nlines.tsv", "csv"),
        ("parts.pq", "parquet"),
        ("parts.csv.parquet", "parquet"),
        ("parts.tfrecord-00000-of-00010.gz", "tfrecord"),
        ("parts_tfrecords", "tfrecord"),
        ("parts.txt", None),
        ("parquet", None),
    ],
)
def test_a_files_name_tells_its_format(name, expected):
    assert named_format(name) == expected


def test_only_parquet_says_by_its_types_whether_images_are_named_or_held(tmp_path):
    for name, cells in (("paths", ["a.png"]), ("held", [b"\x89PNG"])):
        pq.write_table(pa.table({"image": cells}), tmp_path / name)
    parquet = TABLE_FORMATS["parquet"]
    assert parquet.names_images(str(tmp_path / "paths"), "image")
    assert not parquet.names_images(str(tmp_path / "held"), "image")
    assert TABLE_FORMATS["csv"].names_images("any", "image")
    assert not TABLE_FORMATS["tfrecord"].names_images("any", "image")


def test_a_source_of_unlabelled_records_reaches_beams_workers(tmp_path):
    (tmp_path / "t.csv").write_text("width,line\n-,north\nwide,south\n")
    source = open_unlabelled(str(tmp_path / "t.csv"), {"width": "number", "line": "text"}, 1000)
    sent = pickle.loads(pickle.dumps(source))
    [good, bad] = [record for chunk in sent.chunks() for record in sent.read(chunk)]
    assert good.cells == {"width": None, "line": "north"}
    assert bad.why == "holds 'wide' in column 'width', which the model takes for a number"
