"""Patterns are written so that odd names stay names; what they match is tested with the component."""

import fnmatch

from components.stratified_example_gen.file_patterns import _IMAGE, file_patterns
from components.stratified_example_gen.images.decoding import EXTENSIONS
from components.stratified_example_gen.settings import DataSettings


def test_folder_of_images_is_matched_two_levels_down():
    settings = DataSettings(format="image_folder", path="/data/images")
    base, patterns = file_patterns(settings)
    assert f"{base}/{patterns['all']}" == "/data/images/*/*"


def test_every_split_has_its_pattern():
    splits = {"train": "/data/a/train.csv", "test": "/data/b/part-*.csv"}
    assert file_patterns(DataSettings(format="csv", splits=splits)) == (
        "/data",
        {"train": "a/train.csv", "test": "b/part-*.csv"},
    )


def test_path_that_exists_is_no_pattern(tmp_path):
    path = tmp_path / "t[1].csv"
    path.touch()
    base, patterns = file_patterns(DataSettings(format="csv", path=str(path)))
    assert (base, patterns) == (str(tmp_path), {"all": "t[[]1].csv"})


def test_every_ending_of_an_image_matches_and_a_runs_output_does_not():
    for ending in EXTENSIONS:
        assert fnmatch.fnmatchcase(f"a{ending}", _IMAGE) and fnmatch.fnmatchcase(f"a{ending.upper()}", _IMAGE)
    for name in (
        "run.log",
        "metrics.json",
        "report.html",
        "metadata.sqlite",
        "saved_model.pb",
        "x.gz",
        "t.csv",
    ):
        assert not fnmatch.fnmatchcase(name, _IMAGE)
