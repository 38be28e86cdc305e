import keras
import numpy as np
import pytest

from models.catalogue.losses import LOSSES
from models.catalogue.row import names_of
from models.network.layers.log_prior import LogPrior
from models.network.losses.factory import make_loss
from models.network.losses.implied_prior import bias_counts, implied_prior, logit_shift
from models.settings import LossSettings

COUNTS = np.array([90, 10])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"class_weights": "none"}, [0.9, 0.1]),
        ({"class_weights": "sqrt_inverse"}, [0.75, 0.25]),
        ({"class_weights": "inverse"}, [0.5, 0.5]),
        ({"name": "balanced_softmax"}, [0.5, 0.5]),
        ({"name": "balanced_softmax", "class_weights": "inverse"}, [0.1, 0.9]),
        ({"name": "logit_adjusted", "tau": 0.5}, [0.75, 0.25]),
        ({"name": "logit_adjusted", "tau": 2}, [0.1, 0.9]),
        ({"name": "class_balanced", "beta": 0}, [0.9, 0.1]),
        ({"name": "ldam"}, [0.9, 0.1]),
        ({"name": "CategoricalHinge"}, [0.9, 0.1]),
    ],
)
def test_shares_worked_by_hand(values, expected):
    np.testing.assert_allclose(implied_prior(LossSettings(**values), COUNTS), expected, rtol=1e-5)


@pytest.mark.parametrize("name", names_of(LOSSES))
def test_shares_sum_to_one(name):
    assert implied_prior(LossSettings(name=name), [1000, 30, 1]).sum() == pytest.approx(1)


def fitted_probabilities(settings, labels, counts):
    """Trains a bias alone, on records that say nothing of their class, to the end."""
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Dense(len(counts), kernel_initializer="zeros")(inputs))
    model.compile(keras.optimizers.SGD(1.0), make_loss(settings, counts))
    model.fit(np.zeros((len(labels), 1)), labels, batch_size=len(labels), epochs=150, verbose=0)
    return np.asarray(keras.activations.softmax(model(np.zeros((1, 1)))))[0]


@pytest.mark.parametrize(
    "values",
    [
        {"class_weights": "none"},
        {"class_weights": "sqrt_inverse"},
        {"name": "class_balanced", "beta": 0.9},
        {"name": "balanced_softmax"},
        {"name": "logit_adjusted", "tau": 0.5},
        {"name": "logit_adjusted", "tau": 0.5, "class_weights": "sqrt_inverse"},
    ],
)
def test_a_network_that_knows_nothing_learns_to_answer_with_the_implied_prior(values):
    counts = np.array([12, 6, 2])
    settings = LossSettings(**values)
    learnt = fitted_probabilities(settings, np.repeat(np.arange(3), counts), counts)
    np.testing.assert_allclose(learnt, implied_prior(settings, counts), atol=2e-3)


@pytest.mark.parametrize("name", ["cross_entropy", "balanced_softmax", "logit_adjusted"])
def test_a_bias_that_starts_at_its_counts_has_nothing_to_learn_without_weights(name):
    settings = LossSettings(name=name, class_weights="none")
    bias = np.asarray(LogPrior(bias_counts(settings, COUNTS))((2,)))[None]
    loss = make_loss(settings, COUNTS)
    at_start = 0.9 * float(loss([0], bias)) + 0.1 * float(loss([1], bias))
    # The entropy of the shares: no constant answer has a lower loss.
    assert at_start == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)), rel=1e-5)


def test_no_class_is_ahead_at_the_start_of_balanced_softmax():
    np.testing.assert_array_equal(bias_counts(LossSettings(name="balanced_softmax"), COUNTS), [1, 1])


def test_a_class_without_records_is_refused():
    with pytest.raises(ValueError, match=r"the classes with index \[1\]"):
        implied_prior(LossSettings(), [5, 0])


def test_what_a_loss_adds_to_the_logits_is_what_it_leaves_out_of_its_prior():
    for settings in (
        LossSettings(name="balanced_softmax"),
        LossSettings(name="logit_adjusted", tau=0.5),
        LossSettings(name="focal"),
    ):
        settings = settings.model_copy(update={"class_weights": "none"})
        natural = np.asarray(COUNTS) / np.sum(COUNTS)
        seen = implied_prior(settings, COUNTS) * np.exp(logit_shift(settings, COUNTS))
        np.testing.assert_allclose(seen / seen.sum(), natural)
    np.testing.assert_array_equal(logit_shift(LossSettings(name="focal"), COUNTS), np.zeros(len(COUNTS)))
