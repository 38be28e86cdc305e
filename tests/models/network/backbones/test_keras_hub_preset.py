import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from models.network.backbones.image_backbone import image_backbone
from models.settings import ImageModelSettings

SETTINGS = ImageModelSettings(backbone="keras_hub:tiny", weights="imagenet", size=(8, 8))


def fake_keras_hub(calls, end=lambda x: x):
    def backbone(preset, **arguments):
        calls.append((preset, arguments))
        images = keras.Input(arguments["image_shape"])
        return keras.Model(images, end(keras.layers.Conv2D(2, 3, kernel_initializer="ones")(images)))

    converter = SimpleNamespace(scale=1 / 255, offset=-0.5)
    return SimpleNamespace(
        models=SimpleNamespace(Backbone=SimpleNamespace(from_preset=backbone)),
        layers=SimpleNamespace(ImageConverter=SimpleNamespace(from_preset=lambda preset: converter)),
    )


def test_without_keras_hub_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ModuleNotFoundError, match=r"'keras_hub:tiny' needs KerasHub.*Install keras-hub"):
        image_backbone(SETTINGS, (8, 8, 3))


def test_a_preset_brings_its_weights_and_its_scaling(monkeypatch):
    calls = []
    monkeypatch.setitem(sys.modules, "keras_hub", fake_keras_hub(calls))
    features = np.asarray(image_backbone(SETTINGS, (8, 8, 1))(np.full((1, 8, 8, 1), 255, "f4")))
    assert calls == [("tiny", {"load_weights": True, "image_shape": (8, 8, 3)})]
    np.testing.assert_allclose(features, np.full((1, 6, 6, 2), 27 * 0.5), rtol=1e-5)


def test_a_preset_that_ends_in_no_map_is_refused(monkeypatch):
    flat = fake_keras_hub([], end=keras.layers.Flatten())
    monkeypatch.setitem(sys.modules, "keras_hub", flat)
    with pytest.raises(ValueError, match=r"must end in a feature map.*'keras_hub:tiny'.*\(None, 72\)"):
        image_backbone(SETTINGS, (8, 8, 3))
