import numpy as np
import pytest

from models.training.plan import Stage
from models.training.stages.tau_norm import (
    TAUS,
    TauNormalisation,
    best_tau,
    faded_prior,
    normalised_classifier,
)

KERNEL = np.array([[4.0, 0.0], [0.0, 1.0]], np.float32)
BIAS = np.array([-0.5, -2.0], np.float32)


@pytest.mark.parametrize(("tau", "lengths"), [(0.0, (4, 1)), (0.5, (2 * 2**0.5, 2**0.5)), (1.0, (2, 2))])
def test_lengths_of_4_and_1_come_together_at_2(tau, lengths):
    kernel, bias = normalised_classifier(KERNEL, BIAS, tau)
    np.testing.assert_allclose(np.diag(kernel), lengths, rtol=1e-6)
    np.testing.assert_allclose(bias, (1 - tau) * BIAS)


def test_a_tau_of_0_changes_nothing():
    random = np.random.default_rng(0)
    kernel, bias = random.normal(size=(5, 3)).astype(np.float32), random.normal(size=3).astype(np.float32)
    for mine, other in zip(normalised_classifier(kernel, bias, 0.0), (kernel, bias), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("tau", TAUS)
def test_directions_stay(tau):
    kernel, _ = normalised_classifier(np.array([[3.0, 1.0], [4.0, 1.0]]), BIAS, tau)
    assert kernel[1, 0] / kernel[0, 0] == pytest.approx(4 / 3)
    assert kernel[1, 1] / kernel[0, 1] == pytest.approx(1)


def test_the_tau_with_the_highest_mean_recall_is_chosen_and_of_equals_the_smallest():
    # Class 1 has the shorter vector: its record (3, 6) is answered 0 until 3 * a < 6 * b, with lengths
    # a = 2 * 2**(1 - tau * 2 / 1) ... both meet at a = 2 b, where 4**(1 - tau) = 2: tau = 1/2.
    embeddings, labels = np.array([[1.0, 0.1], [3.0, 6.0]]), np.array([0, 1])
    tau, score = best_tau(embeddings, labels, KERNEL, np.zeros(2))
    assert (tau, score) == (0.55, 1.0)
    assert best_tau(embeddings[:1], labels[:1], KERNEL, np.zeros(2)) == (0.0, 1.0)


def test_a_rare_class_counts_as_much_as_a_frequent_one():
    # Nine records of class 0 are lost for one of class 1 only where that raises the mean recall.
    embeddings = np.array([[1.0, 3.0]] * 9 + [[1.0, 3.0]])
    labels = np.array([0] * 9 + [1])
    assert best_tau(embeddings, labels, KERNEL, np.zeros(2)) == (0.0, 0.5)


def test_a_class_without_a_vector_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"length above 0\. Received: lengths .* Train for more epochs"):
        normalised_classifier(np.array([[1.0, 0.0]]), np.zeros(2), 0.5)


def test_a_tau_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"in \[0, 1\]. Received: tau=1.5"):
        normalised_classifier(KERNEL, BIAS, 1.5)


def test_normalisation_fades_a_prior_to_equal_shares():
    assert faded_prior(np.array([0.9, 0.1]), 0.5) == pytest.approx([0.75, 0.25])
    assert faded_prior(np.array([0.9, 0.1]), 1.0) == pytest.approx([0.5, 0.5])


def test_without_a_stage_before_it_there_is_nothing_to_normalise():
    stage = TauNormalisation(Stage("tau_norm", 0, None, "class_balanced", 0.1))
    with pytest.raises(ValueError, match="tau_norm learns nothing: a stage must come before it"):
        stage.fit(fitting=None, model=None, before=None)
