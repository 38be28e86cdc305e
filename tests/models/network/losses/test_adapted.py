import inspect

import keras
import numpy as np
import pytest

from models.named_classes import ADDONS_LOSSES, KERAS_LOSSES
from models.network.addons import import_addons
from models.network.losses.adapted import Adapted
from models.network.losses.factory import make_loss
from models.settings import LossSettings
from tests.addons import HAS_ADDONS, needs_addons

LABELS = np.array([0, 2, 1])
LOGITS = np.array([[0.5, -0.5, 0.1], [1.0, 0.0, -2.0], [0.0, 0.3, 0.1]], np.float32)
ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
COUNTS = np.array([90, 9, 1])

NAMES = [*KERAS_LOSSES, *(pytest.param(name, marks=needs_addons) for name in ADDONS_LOSSES)]


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def named(name, **keys):
    return make_loss(LossSettings(name=name, **keys), COUNTS)


def test_the_brier_score_of_an_even_guess_is_a_quarter_per_class():
    assert float(Adapted(keras.losses.MeanSquaredError())([1], [[0.0, 0.0]])) == pytest.approx(0.25)


def test_a_loss_without_logits_gets_probabilities():
    expected = np.log(softmax(LOGITS)[np.arange(3), LABELS])
    np.testing.assert_allclose(named("KLDivergence").call(LABELS, LOGITS), -expected, rtol=1e-4)


def test_a_hinge_gets_the_logits_themselves():
    # Best wrong logit less the right one, plus 1.
    expected = [0.1 - 0.5 + 1, 1.0 + 2.0 + 1, 0.1 - 0.3 + 1]
    np.testing.assert_allclose(named("CategoricalHinge").call(LABELS, LOGITS), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"])
@pytest.mark.parametrize("config", [{}, {"from_logits": False}])
def test_the_cross_entropies_are_the_same_from_logits_and_from_probabilities(name, config):
    expected = -np.log(softmax(LOGITS)[np.arange(3), LABELS])
    np.testing.assert_allclose(named(name, config=config).call(LABELS, LOGITS), expected, rtol=1e-4)


def test_arguments_of_the_config_reach_the_loss():
    smooth = named("CategoricalCrossentropy", config={"label_smoothing": 0.3})
    targets = 0.7 * ONE_HOT + 0.1
    expected = -(targets * np.log(softmax(LOGITS))).sum(axis=-1)
    np.testing.assert_allclose(smooth.call(LABELS, LOGITS), expected, rtol=1e-5)


@needs_addons
def test_the_sigmoid_focal_loss_of_addons_equals_numpy():
    loss = named("Addons>SigmoidFocalCrossEntropy", config={"alpha": 0.3, "gamma": 1.5})
    p = 1 / (1 + np.exp(-LOGITS))
    of_the_truth = np.where(ONE_HOT == 1, p, 1 - p)
    alpha = np.where(ONE_HOT == 1, 0.3, 0.7)
    expected = (-alpha * (1 - of_the_truth) ** 1.5 * np.log(of_the_truth)).sum(axis=-1)
    np.testing.assert_allclose(loss.call(LABELS, LOGITS), expected, rtol=1e-4)


@needs_addons
def test_the_sparsemax_loss_of_addons_gets_the_logits():
    # A lead of 2 over the next class is beyond its margin of 1: no loss left.
    assert float(named("Addons>SparsemaxLoss")([0], [[2.0, 0.0, 0.0]])) == pytest.approx(0, abs=1e-6)


@needs_addons
def test_the_kappa_loss_of_addons_gets_the_number_of_classes():
    loss = named("Addons>WeightedKappaLoss")
    certain = np.eye(3, dtype=np.float32)[LABELS] * 50
    assert float(loss(LABELS, certain)) < float(loss(LABELS, LOGITS))


RECORDS = np.array([[1, 0], [0, 1], [1, 1]], np.float32)


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """A network with a layer and an output for every loss: its kernels before training, itself, and loaded."""
    inputs = keras.Input((2,))
    names = [*KERAS_LOSSES, *(ADDONS_LOSSES if HAS_ADDONS else ())]
    heads = {key_of(name): keras.layers.Dense(3, name=key_of(name)) for name in names}
    model = keras.Model(inputs, {key: head(inputs) for key, head in heads.items()})
    model.compile("sgd", {key_of(name): named(name) for name in names})
    before = {key: head.kernel.numpy().copy() for key, head in heads.items()}
    labels = {key: LABELS for key in heads}
    model.fit(RECORDS, labels, verbose=0)
    path = str(tmp_path_factory.mktemp("losses") / "model.keras")
    model.save(path)
    return before, model, keras.saving.load_model(path)


def key_of(name):
    return name.replace(">", "_")


@pytest.mark.parametrize("name", NAMES)
def test_every_named_loss_trains_a_model_and_survives_saving(name, several):
    before, model, loaded = several
    key = key_of(name)
    assert (model.get_layer(key).kernel.numpy() != before[key]).any()
    assert type(loaded.loss[key].loss) is type(model.loss[key].loss)
    first, again = (float(each.loss[key](LABELS, each(RECORDS)[key])) for each in (model, loaded))
    assert again == pytest.approx(first, rel=1e-6)


@pytest.mark.parametrize("name", KERAS_LOSSES)
def test_a_listed_loss_of_keras_takes_the_arguments_listed(name):
    check_arguments(getattr(keras.losses, name), KERAS_LOSSES[name])


@needs_addons
@pytest.mark.parametrize("name", ADDONS_LOSSES)
def test_a_listed_loss_of_addons_takes_the_arguments_listed(name):
    loss = getattr(import_addons().losses, name.removeprefix("Addons>"))
    assert keras.saving.get_registered_name(loss) == name
    check_arguments(loss, ADDONS_LOSSES[name])


def check_arguments(loss, listed):
    assert issubclass(loss, keras.losses.Loss)
    assert set(listed) <= set(inspect.signature(loss).parameters)


def test_a_value_the_loss_cannot_take_is_refused_with_the_key():
    with pytest.raises(ValueError, match=r"`loss.config` does not fit CategoricalCrossentropy: "):
        make_loss(
            LossSettings(name="CategoricalCrossentropy").model_copy(update={"config": {"no_such_key": 1}}),
            COUNTS,
        )
