"""Ensemble of classifiers: the mean of their probabilities under one prior, whatever it is saved as."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from models.network.ensemble import EnsembleMember, MeanProbability, ensemble, members_of, side_by_side
from models.serving.saved_network import load_network

INPUTS = {"numeric": np.linspace(-2, 2, 12, dtype=np.float32).reshape(4, 3)}


def classifier(seed):
    keras.utils.set_random_seed(seed)
    numeric = keras.Input((3,), name="numeric")
    return keras.Model({"numeric": numeric}, keras.layers.Dense(3, name="logits")(numeric))


def member(name, seed, weight, prior):
    return EnsembleMember(name, classifier(seed), weight, [prior])


def several(name, seeds, weight, priors):
    """Makes a member that answers several times."""
    inputs = {"numeric": keras.Input((3,), name="numeric")}
    rows = [keras.layers.Reshape((1, 3))(classifier(seed)(inputs)) for seed in seeds]
    return EnsembleMember(name, keras.Model(inputs, keras.layers.Concatenate(axis=1)(rows)), weight, priors)


def expected(members, prior):
    mean = 0.0
    for one in members:
        logits = one.model(INPUTS).numpy().astype(np.float64).reshape(4, -1, 3)
        # By Bayes' rule, one prior for the other.
        odds = softmax(logits, axis=2) * np.asarray(prior) / np.asarray(one.priors)
        mean = mean + one.weight * (odds / odds.sum(axis=2, keepdims=True)).mean(axis=1)
    return mean


PRIOR = np.array([0.8, 0.15, 0.05])
MEMBERS = [
    member("member_0", 0, 0.5, [1 / 3] * 3),
    member("member_1", 1, 0.3, PRIOR),
    several("trees", [2, 3], 0.2, [[0.5, 0.3, 0.2], PRIOR]),
]


def test_answer_is_the_mean_under_one_prior(tmp_path):
    model = ensemble(MEMBERS, PRIOR)
    np.testing.assert_allclose(np.exp(model(INPUTS)), expected(MEMBERS, PRIOR), rtol=1e-5)
    assert [one.name for one in members_of(model)] == ["member_0", "member_1"]
    model.save(tmp_path / "model.keras")
    loaded = load_network(str(tmp_path / "model.keras"))
    np.testing.assert_array_equal(loaded(INPUTS), model(INPUTS))
    assert [one.name for one in members_of(loaded)] == ["member_0", "member_1"]


def test_answers_stand_side_by_side_in_the_members_order():
    found = side_by_side(MEMBERS)(INPUTS).numpy()
    np.testing.assert_allclose(
        found, np.stack([classifier(seed)(INPUTS) for seed in range(4)], axis=1), rtol=1e-6
    )


def test_member_without_weight_has_no_say():
    model = ensemble([member("member_0", 0, 1.0, PRIOR), several("trees", [1, 2], 0.0, [PRIOR] * 2)], PRIOR)
    np.testing.assert_allclose(
        np.exp(model(INPUTS)), softmax(classifier(0)(INPUTS).numpy(), axis=1), rtol=1e-5
    )


def test_classifier_on_its_own_is_its_only_member():
    alone = classifier(0)
    assert members_of(alone) == [alone]


@pytest.mark.parametrize(
    ("weights", "shifts"), [([0.5], [[0.0]] * 2), ([0.5, 0.4], [[0.0]] * 2), ([-1, 2], [[0.0]] * 2), ([], [])]
)
def test_weights_that_are_none_are_refused(weights, shifts):
    with pytest.raises(ValueError, match="Expected a weight of at least 0 and a shift for each answer"):
        MeanProbability(weights, shifts)
