import functools

import keras
import numpy as np
import pytest

from models.network.backbones.image_backbone import image_backbone
from models.network.backbones.last_block import last_block
from models.settings import ImageModelSettings


@functools.cache
def backbone_of(name, side):
    settings = ImageModelSettings(backbone=name, size=(side, side))
    return image_backbone(settings, (side, side, 3))


def names_of_last_block(name, side=32):
    return [layer.name for layer in last_block(backbone_of(name, side)) if layer.weights]


@pytest.mark.parametrize(
    ("name", "side", "first", "last", "before"),
    [
        ("MobileNetV2", 32, "block_13_depthwise", "Conv_1_bn", "block_13_expand"),
        ("EfficientNetB0", 64, "block6a_dwconv", "top_bn", "block5c_se_reduce"),
        ("DenseNet121", 32, "conv5_block1_0_bn", "bn", "pool4_conv"),
        ("ResNet50", 32, "conv5_block1_1_conv", "conv5_block3_3_bn", "conv4_block6_3_conv"),
        ("ResNet50V2", 32, "conv4_block6_2_conv", "post_bn", "conv4_block6_1_conv"),
        ("VGG16", 32, "block5_conv1", "block5_conv3", "block4_conv3"),
        (
            "resnet32",
            32,
            "stage_2_block_0_first_conv",
            "stage_2_block_4_second_norm",
            "stage_1_block_4_first_conv",
        ),
        ("small_cnn", 32, "block_3_conv", "block_4_norm", "block_2_conv"),
    ],
)
def test_it_goes_from_the_last_halving_of_the_map_to_the_end(name, side, first, last, before):
    names = names_of_last_block(name, side)
    assert first in names
    assert last in names
    assert before not in names


def test_squeeze_and_excitation_belongs_to_the_stage_it_is_in():
    names = names_of_last_block("EfficientNetB0")
    assert "block6a_se_reduce" in names
    assert "block7a_se_expand" in names
    assert not any(name.startswith(("block5", "block4", "stem")) for name in names)


def test_a_stage_that_is_a_model_of_its_own_counts_as_one_layer():
    images = keras.Input((8, 8, 3))
    halved = keras.Sequential([keras.layers.Conv2D(4, 2, strides=2)], name="halving")(images)
    model = keras.Model(images, keras.layers.Conv2D(4, 1, name="last")(halved))
    assert [layer.name for layer in last_block(model)] == ["halving", "last"]


def test_a_network_of_one_resolution_is_one_block():
    images = keras.Input((8, 8, 3))
    model = keras.Model(images, keras.layers.Conv2D(4, 1, name="only")(images))
    assert "only" in [layer.name for layer in last_block(model)]


def test_it_holds_less_than_the_whole_network():
    backbone = backbone_of("MobileNetV2", 32)
    parameters = sum(int(np.prod(weight.shape)) for layer in last_block(backbone) for weight in layer.weights)
    assert 0.5 < parameters / backbone.count_params() < 0.95


def test_a_border_of_zeros_is_no_change_of_resolution():
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 2, strides=2, name="halving")(images)
    x = keras.layers.Conv2D(4, 1, name="before_padding")(x)
    x = keras.layers.Conv2D(4, 3, name="last")(keras.layers.ZeroPadding2D(name="pad")(x))
    named = {layer.name for layer in last_block(keras.Model(images, x))}
    assert {"halving", "before_padding", "last"} <= named
