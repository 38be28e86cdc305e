import keras
import numpy as np
import pytest

from models.catalogue.backbones import BACKBONES, backbone_row
from models.catalogue.row import names_of
from models.network.backbones.input_scaling import InputScaling

PIXELS = np.random.default_rng(0).uniform(0, 255, (2, 3, 4, 3)).astype(np.float32)
MODULES = {
    "convnext": ("ConvNeXt",),
    "densenet": ("DenseNet",),
    "efficientnet": ("EfficientNetB",),
    "efficientnet_v2": ("EfficientNetV2",),
    "inception_v3": ("InceptionV3",),
    "inception_resnet_v2": ("InceptionResNetV2",),
    "mobilenet_v2": ("MobileNetV2",),
    "mobilenet_v3": ("MobileNetV3",),
    "mobilenet": ("MobileNet",),
    "nasnet": ("NASNet",),
    "resnet_v2": ("ResNet50V2", "ResNet101V2", "ResNet152V2"),
    "resnet": ("ResNet",),
    "vgg16": ("VGG16",),
    "vgg19": ("VGG19",),
    "xception": ("Xception",),
}


@pytest.mark.parametrize("name", names_of(row for row in BACKBONES if row.imagenet_alphas))
def test_each_backbone_gets_the_pixels_that_its_own_preprocessing_makes(name):
    module = next(module for module, prefixes in MODULES.items() if name.startswith(prefixes))
    expected = getattr(keras.applications, module).preprocess_input(PIXELS.copy())
    scaled = np.asarray(InputScaling(backbone_row(name).pixels)(PIXELS))
    np.testing.assert_allclose(scaled, expected, atol=1e-4)


def test_grey_becomes_three_equal_channels():
    grey = PIXELS[..., :1]
    scaled = np.asarray(InputScaling("tf")(grey))
    np.testing.assert_allclose(scaled, np.repeat(grey, 3, axis=-1) / 127.5 - 1, atol=1e-6)


def test_caffe_takes_blue_first():
    red = np.array([[[[255.0, 0.0, 0.0]]]], np.float32)
    scaled = np.asarray(InputScaling("caffe")(red)).reshape(3)
    np.testing.assert_allclose(scaled, [-103.939, -116.779, 255 - 123.68], rtol=1e-6)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match=r"one of none, tf, torch, caffe. Received: mode='pytorch'"):
        InputScaling("pytorch")
