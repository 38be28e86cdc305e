import numpy as np
import pytest

from components.drift_watch.confidence import compare_confidence


def test_means_and_their_difference_by_hand():
    # Variances 0.01 and 0.04 of 100 records each: half width 1.96 √(0.0001 + 0.0004).
    test, new = np.tile([0.8, 1.0], 50), np.tile([0.5, 0.9], 50)
    found = compare_confidence(test, new)
    assert (found.test, found.new) == (pytest.approx(0.9), pytest.approx(0.7))
    assert found.low == pytest.approx(-0.2 - 1.959964 * 0.0005**0.5)
    assert found.high == pytest.approx(-0.2 + 1.959964 * 0.0005**0.5)
    assert found.moved(0.1) and not found.moved(0.25)


def test_what_chance_explains_has_not_moved():
    assert not compare_confidence(np.array([0.4, 1.0]), np.array([0.3, 0.7])).moved(0.1)
