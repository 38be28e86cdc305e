import numpy as np
import pytest

from components.decision_calibrator import fit_weights as module
from components.decision_calibrator.fit_weights import fit_weights, floors_of
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.evaluation.objectives import macro_f1

LABELS = np.repeat([0, 1, 2], [900, 99, 1])


@pytest.fixture
def searches(monkeypatch):
    """Records the labels and the start of every search instead of searching."""
    calls = []

    def choose_weights(probabilities, labels, objective, seed, counts, start=None):
        calls.append((labels, start))
        return np.array([1.0, 2.0, float(len(calls))])

    monkeypatch.setattr(module, "choose_weights", choose_weights)
    return calls


def fitted():
    probabilities = np.full((len(LABELS), 3), 1 / 3)
    return fit_weights(
        "macro_f1", macro_f1, HeldOutRecords(probabilities, LABELS, np.ones(1000), ("a", "b", "c"), 0)
    )


def test_thinned_records_keep_every_class_and_its_share(searches, monkeypatch):
    monkeypatch.setattr(module, "MOST_RECORDS", 100)
    fitted()
    np.testing.assert_array_equal(np.bincount(searches[0][0]), [90, 10, 1])


def test_the_spread_is_of_resamples_that_start_from_the_weights_found(searches):
    rule = fitted()
    assert rule.weights.tolist() == [1, 2, 1]
    assert len(searches) == 1 + 200 and searches[0][1] is None
    assert all(start.tolist() == [1, 2, 1] for _, start in searches[1:])
    # The third weight counts the searches: those of the resamples are 2 to 201.
    np.testing.assert_allclose(
        rule.spread, [[1, 1, 1], [2, 2, 2], np.quantile(np.arange(2, 202), [0.025, 0.5, 0.975])]
    )


def test_a_class_without_a_floor_has_none():
    assert floors_of({"b": 0.9}, ("a", "b")).tolist() == [0, 0.9]
