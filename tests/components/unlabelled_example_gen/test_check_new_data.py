"""What is wrong with new data is found without TensorFlow."""

import subprocess
import sys

import pytest

from components.stratified_example_gen.settings import DataSettings
from components.unlabelled_example_gen.check_new_data import check_new_data
from components.unlabelled_example_gen.settings import BulkInferenceSettings
from core.errors import InputError


@pytest.fixture
def check(write_csv):
    """Looks at a table whose experiment learns from columns width, line, note."""
    path = write_csv(["width", "line", "note", "defect"], [["1", "a", "x", "good"]], name="train.csv")

    def checked(new, **more):
        data = DataSettings(format="csv", path=str(path), label="defect", **more)
        check_new_data(BulkInferenceSettings(path=str(new)), data, 0)

    return checked


def test_a_table_without_a_class_will_do(check, write_csv):
    check(write_csv(["note", "line", "width"], []))


def test_a_missing_table_and_a_missing_column_are_named(check, write_csv, tmp_path):
    with pytest.raises(InputError, match=r"bulk_inference\.path: .*none\.csv does not exist"):
        check(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"bulk_inference\.path: .*'note', which is not there.*'notes'"):
        check(write_csv(["notes", "line", "width"], []))
    with pytest.raises(InputError, match="folder of images does not have"):
        check(tmp_path)


def test_a_column_that_is_not_dropped_is_asked_for(check, write_csv):
    path = write_csv(["line", "width"], [])
    check(path, drop=["note"])
    with pytest.raises(InputError, match="'note'"):
        check(path, categorical=["line"])
    with pytest.raises(InputError, match="'note'"):
        check(path, categorical=["note"])


def test_images_are_asked_for_where_images_are_learnt_from(write_images, tmp_path):
    data = DataSettings(format="image_folder", path=str(write_images({"cat": 1})))
    (tmp_path / "new").mkdir()
    for name, problem in (
        ("none", "does not exist"),
        ("images/cat/cat0.png", "is a file"),
        ("new", "no files"),
    ):
        with pytest.raises(InputError, match=rf"bulk_inference\.path: .*{problem}"):
            check_new_data(BulkInferenceSettings(path=str(tmp_path / name)), data, 0)
    check_new_data(BulkInferenceSettings(path=str(tmp_path / "images" / "cat")), data, 0)


def test_looking_imports_no_tensorflow():
    program = "import sys, components.unlabelled_example_gen.check_new_data; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.split()
    assert "components.unlabelled_example_gen.sources" in imported
    assert not {"tensorflow", "tfx", "apache_beam"} & set(imported)
