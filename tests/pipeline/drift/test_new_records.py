import numpy as np
import pytest
from PIL import Image

from components.stratified_example_gen.records import BadRecord
from core.errors import InputError
from pipeline.drift.new_records import UNLABELLED, files_left_out, read_new_records

ROLES = {"width": "number", "count": "integer", "line": "category"}
LIMIT = 1_000_000


def read(path, roles=ROLES, image=None):
    return list(read_new_records(str(path), roles, image, "defect", ("good", "crack"), LIMIT))


def write(folder, text):
    path = folder / "new.csv"
    path.write_text(text)
    return path


def test_labels_are_read_where_there_are_some(tmp_path):
    path = write(tmp_path, "defect,width,count,line,note\ngood,1.5,2,north,x\n,2.5,3,south,y\n")
    first, second = read(path)
    assert (first.label, second.label) == ("good", UNLABELLED)
    assert [first.cells[name] for name in ROLES] == ["1.5", "2", "north"]


def test_a_table_without_the_class_is_read(tmp_path):
    [record] = read(write(tmp_path, "line,count,width\nnorth,,1\n"))
    assert record.label == UNLABELLED and record.cells["count"] is None


def test_a_column_of_the_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="'width'"):
        read(write(tmp_path, "line,count\nnorth,1\n"))


@pytest.mark.parametrize("row", ["1.5,2.5,north", "wide,2,north"])
def test_a_cell_that_is_no_number_of_its_kind_makes_its_row_unreadable(row, tmp_path):
    bad, good = read(write(tmp_path, f"width,count,line\n{row}\n1,2,north\n"))
    assert isinstance(bad, BadRecord) and not isinstance(good, BadRecord)


def test_what_is_no_image_in_a_folder_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "a.png")
    assert [record.key for record in read(tmp_path, {}, "image")] == ["a.png"]
    [sentence] = files_left_out(str(tmp_path), LIMIT)
    assert sentence.startswith("notes.txt is a text file")
    assert files_left_out(str(tmp_path / "notes.txt"), LIMIT) == ()


def test_an_image_has_the_class_that_its_folder_names(tmp_path):
    for name in ("good/a.png", "monday/b.png", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name)
    labels = {record.key: record.label for record in read(tmp_path, {}, "image")}
    assert labels == {"good/a.png": "good", "monday/b.png": UNLABELLED, "c.png": UNLABELLED}
