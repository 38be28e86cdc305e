import numpy as np
import pytest

from components.drift_watch.black_box_shift import black_box_prior


@pytest.mark.parametrize("positive", [12, 38, 70])
def test_two_classes_have_the_closed_form(positive):
    # TPR 80 / 100, FPR 90 / 900: q = (m - FPR) / (TPR - FPR).
    confusion = np.array([[810, 90], [20, 80]])
    expected = (positive / 100 - 0.1) / (0.8 - 0.1)
    found = black_box_prior(confusion, np.array([100 - positive, positive]))
    np.testing.assert_allclose(found, [1 - expected, expected], atol=1e-6)


def test_a_share_below_zero_is_cut_off():
    found = black_box_prior(np.array([[810, 90], [20, 80]]), np.array([96, 4]))
    np.testing.assert_allclose(found, [1, 0], atol=1e-3)


def test_three_classes_are_found_again():
    confusion = np.array([[700, 20, 10], [15, 150, 30], [5, 10, 60]])
    shares = np.array([0.2, 0.3, 0.5])
    decided = shares @ (confusion / confusion.sum(axis=1, keepdims=True)) * 1000
    np.testing.assert_allclose(black_box_prior(confusion, decided), shares, atol=1e-6)


@pytest.mark.parametrize(
    "confusion",
    [[[90, 10], [0, 0]], [[90, 0], [10, 0]], [[80, 20], [8, 2]]],
    ids=["class without records", "class never decided for", "decisions that do not depend on the class"],
)
def test_what_the_decisions_do_not_tell_is_none(confusion):
    assert black_box_prior(np.array(confusion), np.array([90, 10])) is None
