"""Columns are taken for what the settings say they are."""

import pytest

from components.stratified_example_gen.csv.table import CsvTable
from components.stratified_example_gen.images.folder import ImageFolder
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source, split_paths
from core.errors import InputError

COLUMNS = ["width", "line", "photo", "device", "part", "kind"]


@pytest.fixture
def path(write_csv):
    return str(write_csv(COLUMNS, [["1", "x", "a.png", "d1", "train", "cat"]]))


def open_csv(path, **more):
    return open_source(DataSettings(**{"format": "csv", "path": path, "label": "kind"} | more), 0)


def test_all_columns_but_the_label_are_features(path):
    source = open_csv(path)
    assert isinstance(source, CsvTable)
    assert source.columns == ("width", "line", "photo", "device", "part")
    assert (source.label, source.image, source.split, source.group) == ("kind", None, None, None)
    assert source.numeric == ()


def test_columns_of_another_use_are_no_features(path):
    source = open_csv(path, image="photo", group="device", splits={"column": "part"}, drop=["line"])
    assert source.columns == ("width",)
    assert (source.image, source.split, source.group) == ("photo", "part", "device")


def test_two_lists_name_all_features(path):
    source = open_csv(path, numeric=["width"], categorical=["line"], drop=["photo", "device", "part"])
    assert source.columns == ("width", "line")
    assert source.numeric == ("width",)
    assert open_csv(path, numeric=["width"]).columns == ("width", "line", "photo", "device", "part")


def test_column_that_neither_list_names_is_refused(path):
    with pytest.raises(
        InputError, match=r"columns 'photo', 'device', 'part' are named nowhere\. Name every column in"
    ):
        open_csv(path, numeric=["width"], categorical=["line"])
    with pytest.raises(InputError, match="the column 'part' is named nowhere"):
        open_csv(path, numeric=["width"], categorical=["line"], image="photo", group="device")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"label": "kinds"}, "data.label: no column 'kinds'.*Did you mean 'kind'"),
        ({"image": "foto"}, "data.image: no column 'foto'.*Did you mean 'photo'"),
        ({"group": "devices"}, "data.group: no column 'devices'.*Did you mean 'device'"),
        ({"splits": {"column": "parts"}}, "data.splits.column: no column 'parts'.*Did you mean 'part'"),
        ({"numeric": ["widht"]}, "data.numeric: no column 'widht'.*Did you mean 'width'"),
        ({"categorical": ["Zz"]}, r"data.categorical: no column 'Zz' in \S+ Columns: width, line"),
        ({"drop": ["lines"]}, "data.drop: no column 'lines'.*Did you mean 'line'"),
    ],
)
def test_column_that_is_not_there_is_refused_with_the_nearest(path, given, key):
    with pytest.raises(InputError, match=key):
        open_csv(path, **given)


def test_column_that_the_pipeline_uses_itself_is_refused(write_csv):
    path = write_csv(["record_key", "kind"], [])
    with pytest.raises(InputError, match="'record_key' is taken by the pipeline"):
        open_csv(str(path))


def test_tables_of_different_columns_are_refused(write_csv):
    first = write_csv(["a", "kind"], [], "train.csv")
    second = write_csv(["b", "kind"], [], "test.csv")
    settings = DataSettings(format="csv", label="kind", splits={"train": str(first), "test": str(second)})
    with pytest.raises(
        InputError, match=r"test\.csv: the columns \['b', 'kind'\] differ from those of \S+train"
    ):
        open_source(settings, 0)


def test_paths_are_given_by_split_or_for_all():
    assert split_paths(DataSettings(format="csv", path="t.csv")) == {None: "t.csv"}
    given = {"train": "a.csv", "test": "b.csv"}
    assert split_paths(DataSettings(format="csv", splits=given)) == given
    given["eval"] = "c.csv"
    assert split_paths(DataSettings(format="csv", splits=given)) == given


def test_image_folder_is_opened_with_seed_and_limit():
    settings = DataSettings(format="image_folder", path="images", max_image_pixels=99)
    assert open_source(settings, 5) == ImageFolder({None: "images"}, 5, 99)
