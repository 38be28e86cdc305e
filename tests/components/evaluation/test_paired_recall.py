import numpy as np
import pytest
from scipy.stats import binomtest

from components.evaluation.paired_recall import paired_recall

LABELS = np.array([0] * 10 + [1] * 8)


def test_records_lost_and_gained_by_hand():
    before = np.array([0] * 9 + [1] + [1] * 8)
    now = np.array([0] * 6 + [1] * 3 + [0] + [0] * 8)
    found = paired_recall(LABELS, before, now, 0)
    assert (found.support, found.lost, found.gained) == (10, 3, 1)
    assert found.drop == pytest.approx(0.2)
    # Of four records that one model alone got right, three or more are lost with chance (4 + 1) / 16.
    assert found.chance_of_loss == pytest.approx(5 / 16)
    assert found.chance_of_loss == pytest.approx(binomtest(3, 4, alternative="greater").pvalue)


def test_where_nothing_is_lost_chance_explains_all():
    assert paired_recall(LABELS, LABELS, LABELS, 1).chance_of_loss == 1
