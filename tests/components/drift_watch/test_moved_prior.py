import numpy as np
import pytest

from components.drift_watch.moved_prior import moved_classes, prior_to_set
from components.drift_watch.prior_estimate import PriorEstimate

ASSUMED = np.array([0.8, 0.2])


def estimate(second, half_width):
    shares = np.array([1 - second, second])
    return PriorEstimate(shares, shares - half_width, shares + half_width)


def test_a_share_that_surely_doubled_moved():
    np.testing.assert_array_equal(moved_classes(ASSUMED, [estimate(0.4, 0.02)], 1.2), [True, True])


def test_a_common_class_may_lose_little_of_its_share_while_a_rare_one_doubles():
    assumed = np.array([0.99, 0.01])
    np.testing.assert_array_equal(moved_classes(assumed, [estimate(0.02, 0.002)], 1.25), [False, True])


@pytest.mark.parametrize(
    "estimates",
    [[estimate(0.4, 0.25)], [estimate(0.21, 0.001)], [estimate(0.4, 0.02), estimate(0.2, 0.02)],
     [estimate(0.4, 0.02), estimate(0.1, 0.02)]],
    ids=["unsure", "too little", "one estimate alone", "on two sides"],
)  # fmt: skip
def test_a_share_has_not_moved_that_is(estimates):
    assert not moved_classes(ASSUMED, estimates, 1.25).any()


@pytest.mark.parametrize("shares", [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.99999, 0.000004, 0.000006]])
def test_prior_to_set_is_one_that_an_experiment_takes(shares):
    from components.decision_calibrator.settings import DecisionSettings

    found = prior_to_set(np.array(shares))
    settings = DecisionSettings(prior={str(place): float(share) for place, share in enumerate(found)})
    assert sum(settings.prior.values()) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(found, shares, atol=3e-4)
