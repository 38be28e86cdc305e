import keras
import numpy as np
import pytest

from models.catalogue.row import names_of
from models.catalogue.second_stages import SECOND_STAGES
from models.training.classifier_layer import num_trained
from models.training.plan import Stage
from models.training.stages.features import FeatureStage
from models.training.stages.make_stage import make_stage


def planned(name: str, part: str | None = None) -> Stage:
    return Stage(name, 2, part, "class_balanced", 0.1)


def classifier() -> keras.Model:
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(5, name="embedding")(inputs)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(hidden))


def test_a_part_of_the_backbone_makes_a_stage_that_learns_features():
    stage = make_stage(planned("head", "head"))
    assert isinstance(stage, FeatureStage) and stage.plan.keeps_features


@pytest.mark.parametrize("name", names_of(SECOND_STAGES))
def test_every_second_stage_is_made_by_its_name_and_shares_the_weights_of_the_network(name):
    model = classifier()
    stage = make_stage(planned(name))
    assert stage.plan.name == name
    before = model.get_layer("embedding").get_weights()
    prepared = stage.prepare(model)
    assert prepared.get_layer("embedding") is model.get_layer("embedding")
    for now, then in zip(prepared.get_layer("embedding").get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(("name", "trained"), [("crt", 5 * 3 + 3), ("lws", 3)])
def test_what_is_trained_is_the_classifier_or_a_scale_for_each_class(name, trained):
    assert num_trained(make_stage(planned(name)).prepare(classifier())) == trained


@pytest.mark.parametrize(("name", "added"), [("crt", 0), ("tau_norm", 0), ("lws", 3)])
def test_a_network_built_anew_is_extended_by_what_the_stage_adds(name, added):
    model = classifier()
    extended = make_stage(planned(name)).extended(model)
    assert extended.count_params() - model.count_params() == added
