"""What the wrapped model says of an image, against Python's answer for the class that the rule decides for."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.decided_model import DecidedModel
from components.decision_calibrator.rule import Rule
from core.features import FeatureSpec
from models.network.classifier import InputShape, build_classifier
from models.network.grad_cam import grad_cam
from models.preprocessing.images import decode_images
from models.serving.export import export_classifier
from models.settings import ImageModelSettings, ModelSettings

CLASSES = ["scratch", "dent", "größerer Riss"]
SIZE = (40, 32)


@dataclass(frozen=True)
class Wrapped:
    """A network, and its SavedModel with and without a decision, loaded."""

    model: keras.Model
    plain: Any
    decided: Any
    photos: tf.Tensor


@pytest.fixture(scope="module")
def wrapped(data_of, tmp_path_factory) -> Wrapped:
    data, folder = data_of("image"), tmp_path_factory.mktemp("wrapped")
    settings = ModelSettings(image=ImageModelSettings(size=SIZE, alpha=0.25), embedding_units=8)
    model = build_classifier(InputShape((*SIZE, 3)), settings, np.array([6, 3, 1]), seed=1)
    random = np.random.default_rng(1)
    model.set_weights([weights + random.normal(0, 0.1, weights.shape) for weights in model.get_weights()])
    spec, transform = FeatureSpec("defect kind", "photo", (), ()), data.transformed.output
    export_classifier(model, transform, spec, CLASSES, settings.image, str(folder / "plain"))
    calibration = Calibration(np.ones(3), np.array([0.0, 0.2, -0.2]))
    photos = tf.constant([record["photo"] for record in data.records[:12]])
    plain = tf.saved_model.load(str(folder / "plain"))
    # Weights that even out what the network says of all records make the rule decide for every class.
    mean = plain.signatures["predict_raw"](photo=photos)["probabilities"].numpy().mean(axis=0)
    weights = 1 / mean / np.exp(calibration.offset)
    rule = Rule("macro_f1", np.diag(weights), weights)
    DecidedModel(str(folder / "plain"), CLASSES, calibration, rule).save(str(folder / "decided"))
    return Wrapped(model, plain, tf.saved_model.load(str(folder / "decided")), photos)


@pytest.fixture(scope="module")
def decided_for(wrapped) -> np.ndarray:
    """The index of the class that the rule decides for, of every photo."""
    return wrapped.decided.signatures["predict_raw"](photo=wrapped.photos)["decision_index"].numpy()


@pytest.fixture(scope="module")
def expected(wrapped, decided_for) -> np.ndarray:
    """Python's maps of all photos at once."""
    return grad_cam(wrapped.model, {"image": decode_images(wrapped.photos, SIZE, 3)}, decided_for)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_heat_map_speaks_of_the_class_that_the_rule_decides_for(
    wrapped, decided_for, expected, batch_size
):
    networks = wrapped.plain.signatures["predict_raw"](photo=wrapped.photos)["decision_index"].numpy()
    assert len(set(decided_for)) > 1 and (decided_for != networks).any()
    size = tuple(wrapped.model.get_layer("feature_map").output.shape[1:3])
    assert min(size) > 1
    for start in range(0, 12, batch_size):
        photos = wrapped.photos[start : start + batch_size]
        answers = wrapped.decided.signatures["explain"](photo=photos)
        chosen = decided_for[start : start + batch_size]
        assert [name.decode() for name in answers["decision"].numpy()] == [CLASSES[one] for one in chosen]
        np.testing.assert_allclose(answers["heat_map"], expected[start : start + batch_size], atol=1e-5)
        assert answers["heat_map"].shape[1:] == size


def test_maps_of_the_rules_class_are_others_than_those_of_the_networks(wrapped):
    maps = [
        model.signatures["explain"](photo=wrapped.photos)["heat_map"].numpy()
        for model in (wrapped.plain, wrapped.decided)
    ]
    assert np.abs(maps[0] - maps[1]).max() > 0.1
