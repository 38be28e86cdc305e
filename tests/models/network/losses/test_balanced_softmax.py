import numpy as np
import pytest

from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.logit_adjusted import LogitAdjusted


def test_equal_logits_are_answered_by_the_shares_of_the_classes():
    assert float(BalancedSoftmax([3, 1])([1], [[0.0, 0.0]])) == pytest.approx(np.log(4))


def test_it_is_the_logit_adjusted_loss_at_tau_one():
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 3, 20), random.normal(0, 3, (20, 3)).astype(np.float32)
    counts = [70, 20, 10]
    assert float(BalancedSoftmax(counts)(labels, logits)) == float(LogitAdjusted(counts, 1.0)(labels, logits))
