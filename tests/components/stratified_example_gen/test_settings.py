"""Settings that contradict themselves are refused by name."""

import pytest
from pydantic import ValidationError

from components.stratified_example_gen.settings import DataSettings, SplitColumn, SplitPaths, SplitShares


def csv(**more):
    return DataSettings(**{"format": "csv", "path": "t.csv"} | more)


def test_default_shares_are_70_15_15():
    assert csv().splits == SplitShares(train=0.7, eval=0.15, test=0.15)
    assert csv().splits.as_dict() == {"train": 0.7, "eval": 0.15, "test": 0.15}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"train": 0.8, "eval": 0.1, "test": 0.1}, SplitShares),
        ({"column": "part"}, SplitColumn),
        ({"column": "part", "eval": 0.3}, SplitColumn),
    ],
)
def test_splits_are_told_apart_by_their_keys(given, kind):
    assert type(csv(splits=given).splits) is kind


def test_paths_of_splits_stand_in_for_the_path():
    settings = DataSettings(format="csv", splits={"train": "a.csv", "test": "b.csv"})
    assert settings.splits == SplitPaths(train="a.csv", test="b.csv", eval=0.15)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"splits": {"train": 0.7, "eval": 0.2, "test": 0.2}},
            "must sum to 1. Received: 0.7 \\+ 0.2 \\+ 0.2 = 1.1",
        ),
        ({"splits": {"train": 1.0, "eval": 0.0, "test": 0.0}}, "less than 1"),
        ({"splits": {"train": 1.2, "eval": -0.1, "test": -0.1}}, "greater than 0"),
        ({"splits": {"column": "part", "eval": 1.5}}, "less than 1"),
        ({"splits": {"column": ""}}, "at least 1 character"),
        ({"splits": {"column": "part", "tst": 0.1}}, "tst"),
        (
            {"path": None, "splits": {"train": "a", "test": "b", "eval": 1.5}},
            "a share between 0 and 1. Received: 1.5",
        ),
        ({"path": None, "splits": {"train": "a"}}, "test"),
        ({"path": None}, "`path` is missing"),
        ({"splits": {"train": "a", "test": "b"}}, "not both. Received: path='t.csv' and splits.train='a'"),
        ({"label": ""}, "at least 1 character"),
        ({"max_image_pixels": 10}, "greater than or equal to 64"),
        ({"duplicates": "keep"}, "drop"),
        ({"on_bad_record": "ignore"}, "skip"),
        ({"format": "excel"}, "image_folder"),
        ({"numeric": "width"}, "auto"),
        ({"labels": "kind"}, "labels"),
        ({"format": "image_folder", "image": "photo"}, "an image_folder has none"),
        ({"format": "image_folder", "splits": {"column": "part"}}, "an image_folder has none"),
    ],
)
def test_bad_settings_say_what_is_wrong(given, words):
    with pytest.raises(ValidationError, match=words):
        csv(**given)


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        ({"label": "a", "numeric": ["a"]}, "label", "numeric"),
        ({"label": "a", "drop": ["a"]}, "label", "drop"),
        ({"image": "a", "categorical": ["a"]}, "image", "categorical"),
        ({"group": "a", "numeric": ["a"]}, "group", "numeric"),
        ({"splits": {"column": "a"}, "drop": ["a"]}, "splits.column", "drop"),
        ({"numeric": ["a"], "categorical": ["b", "a"]}, "numeric", "categorical"),
        ({"numeric": ["a"], "drop": ["a"]}, "numeric", "drop"),
        ({"label": "a", "group": "a"}, "label", "group"),
        ({"label": "a", "image": "a"}, "label", "image"),
        ({"label": "a", "splits": {"column": "a"}}, "label", "splits.column"),
    ],
)
def test_column_has_one_use(given, first, second):
    with pytest.raises(ValidationError, match=f"'a' is named both as `{first}` and in `{second}`"):
        csv(**given)


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        csv().label = "other"


def test_settings_survive_as_json():
    settings = csv(splits={"column": "part"}, numeric=["a"], schema="s.pbtxt")
    assert DataSettings.model_validate(settings.model_dump(mode="json", by_alias=True)) == settings


@pytest.mark.parametrize("label", ["image", "record_key"])
def test_label_of_an_image_folder_must_not_be_called_like_another_feature(label):
    with pytest.raises(ValidationError, match=f"Received: '{label}'.*call it 'label'"):
        DataSettings(format="image_folder", path="images", label=label)
    assert DataSettings(format="image_folder", path="images", label="kind").label == "kind"
    assert DataSettings(format="csv", path="t.csv", label="image").label == "image"
