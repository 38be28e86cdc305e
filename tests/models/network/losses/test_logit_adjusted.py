import numpy as np
import pytest

from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def test_equal_logits_are_answered_by_the_prior():
    assert float(LogitAdjusted([3, 1])([1], [[0.0, 0.0]])) == pytest.approx(np.log(4))


def test_tau_scales_the_log_prior():
    # Shares 3**2 and 1 of 10.
    assert float(LogitAdjusted([3, 1], tau=2)([1], [[0.0, 0.0]])) == pytest.approx(np.log(10))


def test_without_tau_it_is_the_cross_entropy():
    logits = np.array([[0.3, -1.0, 2.0]], np.float32)
    assert float(LogitAdjusted([7, 2, 1], 0)([1], logits)) == float(WeightedCrossEntropy()([1], logits))


def test_tau_below_zero_is_refused():
    with pytest.raises(ValueError, match="Received: tau=-1"):
        LogitAdjusted([3, 1], tau=-1)
