"""The choices that follow from the data."""

import pytest
from PIL import Image

from pipeline.proposal.choice import Choice, as_content, experiment_accepts
from pipeline.proposal.data_facts import DataFacts
from pipeline.proposal.data_layout import DataLayout
from pipeline.proposal.image_sample import ImageSample
from pipeline.proposal.label import Label
from pipeline.proposal.recipe import expected_drift, recipe
from pipeline.proposal.roles import Roles
from tests.pipeline.proposal.tables import facts_of, measured, of_two


def images(counts, height=192, width=256, grey=False, split=False):
    paths = {"train": "train", "test": "test"} if split else {None: "images"}
    layout = DataLayout("image_folder", paths)
    return DataFacts("images", layout, counts, counts, images=ImageSample(height, width, grey, 10, 0))


def table(counts, num_columns=10, **roles):
    columns = [f"c{column}" for column in range(num_columns)]
    found = Roles(Label("label", ""), numeric=columns, **roles)
    return DataFacts("t.csv", DataLayout("csv", {None: "t.csv"}), counts, counts, roles=found)


def proposed(facts, accepts=experiment_accepts):
    data = [Choice("name", "x"), Choice("data.format", facts.layout.format), Choice("data.path", "x")]
    return as_content(recipe(data, facts, accepts))


def everything(_):
    return True


@pytest.mark.parametrize(
    "facts",
    [
        images({"a": 594, "b": 137}),
        images({"a": 5000, "b": 50}, 32, 32),
        images({"a": 10, "b": 3}, 8, 8, grey=True),
        table({"a": 39_922, "b": 5_289}),
        table({"a": 90, "b": 4}, 2000),
        table({"a": 90, "b": 30}, group="c"),
    ],
)
def test_every_recipe_is_accepted_today(facts):
    assert experiment_accepts(proposed(facts))


def test_a_table_gets_its_recipe_with_the_time_it_takes():
    choices = {choice.key: choice for choice in recipe([], table({"a": 10_000, "b": 900}), everything)}
    assert choices["recipe"].value == "tabular" and "on this machine" in choices["recipe"].reason
    assert choices["model.tabular"].value == {"trees": {"enabled": True}}
    assert 1 < choices["training.folds"].value < 900


def test_images_get_pretrained_weights_where_they_are_on_the_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    counts = {"a": 594, "b": 137}
    assert proposed(images(counts))["recipe"] == "image_scratch"
    (tmp_path / "models").mkdir()
    other = tmp_path / "models" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    other.touch()
    content = proposed(images(counts))
    assert content["recipe"] == "image_pretrained" and content["model"]["image"]["weights"] == str(other)
    other.with_name(other.name.replace("224", "192")).touch()
    assert proposed(images(counts))["model"]["image"]["weights"] == "imagenet"
    # They were learnt from larger ones.
    assert proposed(images(counts, 32, 32))["recipe"] == "image_scratch"


def test_images_without_pretrained_weights_are_taken_at_their_own_size(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert proposed(images({"a": 900, "b": 90}))["model"]["image"] == {"size": [48, 64]}
    small = proposed(images({"a": 60, "b": 3}, 8, 8, grey=True))["model"]["image"]
    assert small == {"size": [16, 16], "channels": 1}


def test_class_count_limit_is_lowered_for_a_rare_class_alone():
    assert "min_class_count" not in proposed(table({"a": 900, "b": 10})).get("validation", {})
    assert proposed(table({"a": 900, "b": 9}))["validation"]["min_class_count"] == 3


def test_expected_drift_of_a_small_table():
    # Shares .5, .25, .25 of 10 and 2 records: (5, 1), (2, 1), (2, 1); the rare class is 1/6, 1/3, 1/3 of them.
    drift = expected_drift({"a": 10, "b": 2}, {"train": 0.5, "eval": 0.25, "test": 0.25})
    assert drift == pytest.approx(1 / 3 - 1 / 6 + 1 / 3)


def test_drift_limit_is_raised_for_small_data_and_groups_but_not_for_given_splits():
    assert proposed(images({"a": 20, "b": 20}))["validation"]["max_label_drift"] > 0.05
    assert "max_label_drift" not in proposed(images({"a": 20, "b": 20}, split=True)).get("validation", {})
    assert "validation" not in proposed(table({"a": 9000, "b": 900}))
    assert proposed(table({"a": 9000, "b": 900}, group="patient"))["validation"]["max_label_drift"] == 0.2


def test_table_with_images_gets_a_recipe_for_images(tmp_path):
    for number in range(60):
        Image.new("RGB", (40, 40)).save(tmp_path / f"{number}.png")
    columns = {"file": [f"{n}.png" for n in range(60)], "size": measured(60), "label": of_two(60, 15)}
    content = proposed(facts_of(tmp_path, columns))
    assert content["recipe"] == "image_scratch" and content["model"]["image"]["size"] == [40, 40]
