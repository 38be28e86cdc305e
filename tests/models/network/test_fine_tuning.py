import keras
import numpy as np
import pytest

from models.network.backbones.batch_norm import keep_batch_norm_frozen
from models.network.backbones.layer_graph import flat_layers
from models.network.classifier import InputShape, build_classifier
from models.network.fine_tuning import Phase, backbones_in, fine_tuning_warnings, phases, set_trainable
from models.settings import ImageModelSettings, ModelSettings

COUNTS = np.array([30, 19, 5])


def pretrained(**values):
    return ImageModelSettings(backbone="MobileNetV2", weights="imagenet", **values)


def classifier(backbone="small_cnn", **values):
    image = ImageModelSettings(backbone=backbone, size=(32, 32), **values)
    return build_classifier(
        InputShape(image=(32, 32, 3), num_numeric=2), ModelSettings(image=image), COUNTS, 0
    )


@pytest.mark.parametrize(
    ("settings", "epochs", "expected"),
    [
        (ImageModelSettings(), 30, [("all", 30)]),
        (ImageModelSettings(fine_tune="last_block"), 30, [("all", 30)]),
        (pretrained(fine_tune="none"), 30, [("head", 30)]),
        (pretrained(fine_tune="last_block"), 30, [("head", 10), ("last_block", 20)]),
        (pretrained(fine_tune="all"), 30, [("head", 10), ("last_block", 10), ("all", 10)]),
        (pretrained(fine_tune="all", frozen_epochs=0), 5, [("last_block", 2), ("all", 3)]),
        (pretrained(fine_tune="all", frozen_epochs=4), 5, [("head", 4), ("all", 1)]),
        (pretrained(fine_tune="last_block", frozen_epochs=9), 5, [("head", 5)]),
        (pretrained(last_block_epochs=0), 6, [("head", 2), ("all", 4)]),
        (pretrained(last_block_epochs=3), 6, [("head", 2), ("last_block", 3), ("all", 1)]),
        (pretrained(frozen_epochs=2, last_block_epochs=9), 5, [("head", 2), ("last_block", 3)]),
        (pretrained(fine_tune="last_block"), 2, [("last_block", 2)]),
        (pretrained(fine_tune="all"), 1, [("all", 1)]),
    ],
)
def test_phases_go_from_the_head_to_the_whole_backbone(settings, epochs, expected):
    planned = phases(settings, epochs)
    assert [(phase.part, phase.epochs) for phase in planned] == expected
    assert sum(phase.epochs for phase in planned) == epochs


def test_only_pretrained_layers_learn_more_slowly():
    head, last, everything = phases(pretrained(fine_tune_learning_rate_scale=0.3), 30)
    assert head.learning_rate_scale == 1
    assert last.learning_rate_scale == everything.learning_rate_scale == 0.3
    assert phases(ImageModelSettings(), 30) == (Phase("all", 30, 1.0),)


def test_no_epochs_are_refused():
    with pytest.raises(ValueError, match=r"at least 1. Received: epochs=0"):
        phases(pretrained(), 0)


def test_full_fine_tuning_of_classes_with_few_images_is_warned_of_by_name():
    (warning,) = fine_tuning_warnings(pretrained(fine_tune="all"), ["good", "scratch", "crack"], COUNTS)
    assert "scratch (19), crack (5)" in warning
    assert "good" not in warning


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        (pretrained(fine_tune="last_block"), COUNTS),
        (pretrained(fine_tune="all"), np.array([30, 20, 20])),
        (ImageModelSettings(), COUNTS),
    ],
)
def test_nothing_doubtful_is_no_warning(settings, counts):
    assert fine_tuning_warnings(settings, ["a", "b", "c"], counts) == ()


def test_fine_tuning_of_random_weights_is_warned_of():
    (warning,) = fine_tuning_warnings(ImageModelSettings(fine_tune="none"), ["a", "b", "c"], COUNTS)
    assert "fine_tune is none, but the backbone starts from random weights" in warning


def test_the_head_leaves_the_backbone_out():
    model = classifier()
    (backbone,) = backbones_in(model)
    everything = set_trainable(model, "all")
    own = sum(int(np.prod(weight.shape)) for weight in backbone.trainable_weights)
    assert set_trainable(model, "head") == everything - own
    assert not backbone.trainable_weights
    assert set_trainable(model, "all") == everything


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small_cnn", "MobileNetV2"])
def test_the_last_block_alone_moves_when_it_is_trained(name):
    model = classifier(name, **({"alpha": 0.35} if name == "MobileNetV2" else {}))
    (backbone,) = backbones_in(model)
    set_trainable(model, "last_block")
    inputs = {
        "image": np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype("f4"),
        "numeric": np.zeros((4, 2), "f4"),
        "missing": np.zeros((4, 2), "f4"),
    }
    before = {layer.name: layer.get_weights() for layer in flat_layers(backbone) if layer.weights}
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(inputs, np.array([0, 1, 2, 0]), verbose=0)
    moved = {
        layer.name
        for layer in flat_layers(backbone)
        if layer.weights and not all(map(np.array_equal, before[layer.name], layer.get_weights()))
    }
    first, last, frozen = {
        "small_cnn": ("block_3_conv", "block_4_conv", "block_2_conv"),
        "MobileNetV2": ("block_13_depthwise", "Conv_1", "block_13_expand"),
    }[name]
    assert {first, last} <= moved
    assert frozen not in moved
    assert not moved & {"block_0_norm", "bn_Conv1", "block_12_project_BN"}


@pytest.mark.parametrize("part", ["head", "last_block", "all"])
def test_kept_batch_norm_stays_frozen_in_every_phase(part):
    model = classifier()
    (backbone,) = backbones_in(model)
    keep_batch_norm_frozen(backbone)
    set_trainable(model, part)
    norms = [layer for layer in backbone.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [norm.get_weights() for norm in norms]
    pixels = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype("f4")
    backbone(pixels, training=True)
    assert not any(norm.trainable_weights for norm in norms)
    for weights, norm in zip(before, norms, strict=True):
        assert all(map(np.array_equal, weights, norm.get_weights()))


def test_batch_norm_from_random_weights_learns_its_statistics():
    model = classifier()
    (backbone,) = backbones_in(model)
    set_trainable(model, "all")
    norm = backbone.get_layer("block_0_norm")
    before = norm.get_weights()
    backbone(np.full((4, 32, 32, 3), 200, "f4"), training=True)
    assert norm.trainable_weights
    assert not all(map(np.array_equal, before, norm.get_weights()))


def test_a_classifier_without_images_is_left_as_it_is():
    model = build_classifier(InputShape(num_numeric=2), ModelSettings(), COUNTS, 0)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert set_trainable(model, "head") == set_trainable(model, "all") == trained


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match=r"one of head, last_block, all. Received: part='body'"):
        set_trainable(classifier(), "body")
