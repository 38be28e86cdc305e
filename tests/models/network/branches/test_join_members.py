import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from models.network.branches.join_members import JoinMembers

MEMBERS = np.array([[[0.0, 0.0], [0.0, np.log(3)]]], np.float32)


def test_the_mean_of_the_logits():
    np.testing.assert_allclose(JoinMembers("logits")(MEMBERS), [[0, np.log(3) / 2]], rtol=1e-6)


def test_the_log_of_the_mean_of_the_probabilities():
    np.testing.assert_allclose(np.exp(JoinMembers("probabilities")(MEMBERS)), [[0.375, 0.625]], rtol=1e-6)


def test_probabilities_too_small_for_a_float_still_have_a_log():
    logits = np.array([[[0.0, -200.0], [0.0, -300.0]]], np.float32)
    np.testing.assert_allclose(
        JoinMembers("probabilities")(logits), [[0.0, -200 - np.log(2)]], rtol=1e-6, atol=1e-6
    )


def test_members_that_agree_are_left_as_they_are():
    logits = np.random.default_rng(0).normal(size=(3, 1, 4)).astype(np.float32)
    expected = softmax(logits[:, 0], axis=-1)
    for average in ("logits", "probabilities"):
        joined = np.asarray(JoinMembers(average)(np.repeat(logits, 5, axis=1)))
        np.testing.assert_allclose(softmax(joined, axis=-1), expected, rtol=1e-5)
    np.testing.assert_allclose(joined, log_softmax(logits[:, 0], axis=-1), rtol=1e-5)


@pytest.mark.parametrize("average", ["logits", "probabilities"])
def test_training_gets_all_members(average):
    np.testing.assert_array_equal(JoinMembers(average)(MEMBERS, training=True), MEMBERS)


def test_an_unknown_average_is_refused():
    with pytest.raises(ValueError, match=r"must be logits or probabilities. Received: average='median'"):
        JoinMembers("median")
