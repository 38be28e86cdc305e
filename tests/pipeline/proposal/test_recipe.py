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


def test_few_rare_images_get_a_pretrained_backbone_and_augmentation_once_there_are_such():
    content = proposed(images({"a": 594, "b": 137}), everything)
    assert content["model"]["image"] == {
        "backbone": "MobileNetV2",
        "alpha": 0.35,
        "weights": "imagenet",
        "size": [128, 160],  # 192 x 256 scaled to 120 x 160, in steps of 32.
        "fine_tune": "last_block",
    }
    assert content["augmentation"] == {"image": "rotate_scale", "target_ratio": 1.0}
    # The classes are equal already.
    assert content["loss"]["class_weights"] == "none"
    assert content["training"]["epochs"] == 20


def test_without_pretrained_weights_a_small_network_weighs_the_classes_instead():
    def no_weights(content):
        return "weights" not in content.get("model", {}).get("image", {}) and "augmentation" not in content

    content = proposed(images({"a": 594, "b": 137}), no_weights)
    assert content["model"]["image"] == {"backbone": "small_cnn", "size": [96, 128]}
    assert content["loss"] == {"name": "cross_entropy", "class_weights": "inverse"}


def test_class_grows_tenfold_at_most():
    augmentation = proposed(images({"a": 4000, "b": 100}), everything)["augmentation"]
    assert augmentation["target_ratio"] * 4000 == 10 * 100


def test_many_images_train_the_whole_backbone():
    content = proposed(images({"a": 30_000, "b": 600}), everything)
    assert content["model"]["image"]["fine_tune"] == "all"


def test_small_images_get_no_pretrained_backbone():
    assert proposed(images({"a": 5000, "b": 50}, 32, 32), everything)["model"]["image"] == {
        "backbone": "resnet32",
        "size": [32, 32],
    }
    assert proposed(images({"a": 60, "b": 3}, 8, 8, grey=True), everything)["model"]["image"] == {
        "backbone": "small_cnn",
        "size": [16, 16],
        "channels": 1,
    }


@pytest.mark.parametrize(
    ("counts", "of_images", "of_table"),
    [
        ({"a": 140, "b": 100}, "none", "none"),
        ({"a": 1000, "b": 20}, "inverse", "sqrt_inverse"),
        ({"a": 50_000, "b": 20}, "sqrt_inverse", "sqrt_inverse"),
    ],
)
def test_class_weights_by_imbalance(counts, of_images, of_table):
    def no_augmentation(content):
        return "augmentation" not in content

    assert proposed(images(counts), no_augmentation)["loss"]["class_weights"] == of_images
    assert proposed(table(counts))["loss"]["class_weights"] == of_table


def test_layers_by_size_of_the_table():
    counts = {"a": 10_000, "b": 900}
    assert proposed(table(counts))["model"]["tabular"]["hidden_units"] == [128, 64]
    wide = proposed(table(counts, 500))["model"]["tabular"]
    assert wide["hidden_units"] == [256, 128] and wide["dropout"] == 0.3
    assert proposed(table({"a": 500, "b": 90}))["model"]["tabular"]["hidden_units"] == [64, 32]


def test_larger_data_get_larger_batches_and_fewer_epochs():
    sizes = [500, 5000, 50_000, 500_000]
    for kind in (images, table):
        training = [proposed(kind({"a": size, "b": size}))["training"] for size in sizes]
        batches, epochs = ([each[key] for each in training] for key in ("batch_size", "epochs"))
        assert batches == sorted(batches) and batches[0] < batches[-1]
        assert epochs == sorted(epochs, reverse=True) and epochs[0] > epochs[-1]


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


def test_table_with_images_gets_both_encoders(tmp_path):
    for number in range(60):
        Image.new("RGB", (40, 40)).save(tmp_path / f"{number}.png")
    columns = {"file": [f"{n}.png" for n in range(60)], "size": measured(60), "label": of_two(60, 15)}
    content = proposed(facts_of(tmp_path, columns))
    assert set(content["model"]) == {"image", "tabular"}
