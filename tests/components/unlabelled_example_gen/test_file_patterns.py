"""The fingerprint that TFX's driver takes changes exactly when new data do."""

import shutil

import pytest
from tfx.components.example_gen import utils
from tfx.proto import example_gen_pb2

from components.stratified_example_gen.settings import DataSettings
from components.unlabelled_example_gen.file_patterns import new_data_patterns


@pytest.fixture
def fingerprint():
    def take(data, path):
        base, patterns = new_data_patterns(str(path), data)
        splits = [example_gen_pb2.Input.Split(name=name, pattern=one) for name, one in patterns.items()]
        print_, _, _ = utils.calculate_splits_fingerprint_span_and_version(base, splits)
        return print_

    return take


def test_a_table_s_content_and_its_images_matter(fingerprint, write_csv, image_of, tmp_path):
    data = DataSettings(format="csv", path="elsewhere/train.csv", image="photo")
    path = write_csv(["photo"], [["a/1.png"]], name="[new].csv")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(image_of(1))
    prints = [fingerprint(data, path)]
    write_csv(["photo"], [["a/1.png"], ["a/1.png"]], name="[new].csv")
    prints.append(fingerprint(data, path))
    (tmp_path / "a" / "1.png").write_bytes(image_of(2, "PNG", (9, 9)))
    prints.append(fingerprint(data, path))
    assert len(set(prints)) == 3
    (tmp_path / "report.html").write_text("of a run beside it")
    assert fingerprint(data, path) == prints[-1]


def test_an_image_that_moves_between_folders_matters(fingerprint, write_images):
    data = DataSettings(format="image_folder", path="elsewhere")
    path = write_images({"monday": 2, "tuesday": 1})
    before = fingerprint(data, path)
    assert fingerprint(data, path) == before
    shutil.move(path / "monday" / "monday1.png", path / "tuesday" / "monday1.png")
    assert fingerprint(data, path) != before


def test_patterns_of_a_folder_that_is_not_here_can_be_made(tmp_path):
    data = DataSettings(format="image_folder", path="elsewhere")
    assert new_data_patterns(str(tmp_path / "new"), data) == (str(tmp_path), {"folder_0": "new/*"})
