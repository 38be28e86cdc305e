import pytest
import yaml

from core.errors import InputError
from pipeline.commands.quality import quality_settings
from pipeline.config import load_experiment
from pipeline.recipes import BUNDLES, QUALITIES, RECIPES, with_recipe

DATA = {"format": "csv", "path": "parts.csv", "label": "defect", "image": "picture"}


def load(folder, **content):
    path = folder / "parts.yaml"
    path.write_text(yaml.safe_dump({"data": DATA, **content}))
    return load_experiment(str(path))


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_whole_experiment_with_data_in_every_quality(tmp_path, name, quality):
    columns_only = {"data": {**DATA, "image": None}} if name == "tabular" else {}
    assert load(tmp_path, recipe=name, quality=quality, **columns_only).recipe == name


@pytest.mark.parametrize("name", [*BUNDLES, "none"])
def test_a_better_quality_is_trained_for_longer_unless_the_experiment_says_how_long(tmp_path, name):
    def epochs(quality, **own):
        data = {**DATA, "image": None} if name == "tabular" else DATA
        return load(tmp_path, recipe=name, quality=quality, data=data, **own).training.epochs

    assert epochs("fast") < epochs("balanced") < epochs("best")
    # Late class weights must set in.
    assert epochs("fast", training={"epochs": 70}) == 70


def test_the_command_says_the_quality_in_two_ways_that_may_not_contradict_each_other():
    assert quality_settings(None, fast=False) == []
    assert quality_settings("fast", fast=True) == quality_settings(None, fast=True) == ["quality=fast"]
    with pytest.raises(InputError, match="Received: --fast --quality best"):
        quality_settings("best", fast=True)


def test_a_recipe_gives_what_the_experiment_leaves_out(tmp_path):
    plain, scratch = load(tmp_path, recipe="none"), load(tmp_path, recipe="image_scratch")
    assert plain.model.image.backbone == "small_cnn" and scratch.model.image.backbone == "resnet32"
    assert scratch.training.optimizer.name == "sgd" and scratch.training.batch_size == 128


def test_the_experiment_has_the_last_word_down_to_a_single_key(tmp_path):
    experiment = load(
        tmp_path, recipe="image_scratch", training={"batch_size": 16, "optimizer": {"learning_rate": 0.05}}
    )
    assert experiment.training.batch_size == 16 and experiment.training.deferred == 48
    assert experiment.training.optimizer.learning_rate == 0.05
    assert experiment.training.optimizer.schedule == "cosine"


def test_another_loss_or_optimizer_does_not_inherit_what_was_meant_for_the_recipes_own(tmp_path):
    experiment = load(
        tmp_path,
        recipe="image_scratch",
        loss={"name": "balanced_softmax"},
        training={"optimizer": {"name": "adam"}, "deferred": None},
    )
    assert experiment.loss.class_weights == "none"
    assert experiment.training.optimizer.learning_rate == 0.001


def test_another_backbone_is_trained_the_recipes_way_without_its_width(tmp_path):
    image = load(tmp_path, recipe="image_pretrained", model={"image": {"backbone": "ResNet50"}}).model.image
    assert (image.backbone, image.alpha, image.weights) == ("ResNet50", 1.0, "imagenet")
    assert (image.fine_tune, image.last_block_epochs) == ("all", 0)


@pytest.mark.parametrize("own", [{"fine_tune": "last_block"}, {"fine_tune": "none"}, {"weights": None}])
def test_another_way_to_train_the_backbone_does_not_inherit_the_phases(tmp_path, own):
    image = load(tmp_path, recipe="image_pretrained", model={"image": own}).model.image
    assert (image.frozen_epochs, image.last_block_epochs) == (None, None)
    assert image.backbone == "MobileNetV2"


def test_an_unknown_recipe_names_the_nearest():
    with pytest.raises(InputError, match=r"no recipe 'image_pretraind'. Did you mean 'image_pretrained'\?"):
        with_recipe({"recipe": "image_pretraind"})


def test_without_a_recipe_nothing_changes_before_the_data_are_known():
    assert with_recipe({"seed": 1}) == {"seed": 1}
