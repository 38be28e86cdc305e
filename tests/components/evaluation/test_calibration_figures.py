import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from components.evaluation.calibration_figures import brier, confidence_bins, expected_calibration_error


@st.composite
def predictions(draw):
    """Labels, and probabilities with many ties."""
    num_classes, num_examples = draw(st.integers(2, 4)), draw(st.integers(1, 25))
    labels = draw(st.lists(st.integers(0, num_classes - 1), min_size=num_examples, max_size=num_examples))
    weights = st.lists(st.integers(1, 4), min_size=num_classes, max_size=num_classes)
    rows = np.array(draw(st.lists(weights, min_size=num_examples, max_size=num_examples)), float)
    return np.array(labels), rows / rows.sum(axis=1, keepdims=True)


def test_brier_sums_over_classes():
    labels, probabilities = np.array([0, 1]), np.array([[0.7, 0.3], [0.6, 0.4]])
    assert brier(labels, probabilities) == pytest.approx((2 * 0.3**2 + 2 * 0.6**2) / 2)


def test_brier_of_two_classes_is_twice_the_binary_score():
    labels, positive = np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.4, 0.6])
    binary = sklearn_metrics.brier_score_loss(labels, positive)
    assert brier(labels, np.stack([1 - positive, positive], axis=1)) == pytest.approx(2 * binary)


def test_calibration_error_of_two_bins_by_hand():
    # Confidence 0.6 twice, right once; confidence 0.9 twice, right twice.
    probabilities = np.array([[0.6, 0.4], [0.4, 0.6], [0.9, 0.1], [0.1, 0.9]])
    labels = np.array([0, 0, 0, 1])
    assert expected_calibration_error(labels, probabilities) == pytest.approx(
        0.5 * abs(0.5 - 0.6) + 0.5 * abs(1 - 0.9)
    )


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    # With two bins, 0.5 shares no bin with 0.9: their errors of opposite sign cannot cancel.
    probabilities = np.array([[0.5, 0.5], [0.9, 0.1]])
    labels = np.array([0, 1])
    assert expected_calibration_error(labels, probabilities, num_bins=2) == pytest.approx((0.5 + 0.9) / 2)


@given(predictions())
@settings(deadline=None)
def test_calibration_error_is_the_sum_over_bins_of_the_paper(drawn):
    labels, probabilities = drawn
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    expected = 0.0
    for low, high in zip(np.linspace(0, 1, 16)[:-1], np.linspace(0, 1, 16)[1:], strict=True):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(labels, probabilities) == pytest.approx(expected)


@given(predictions())
@settings(deadline=None)
def test_brier_is_the_sum_of_scikit_learns_over_the_classes_against_the_rest(drawn):
    labels, probabilities = drawn
    columns = enumerate(probabilities.T)
    binary = [np.mean((scores - (labels == index)) ** 2) for index, scores in columns]
    assert brier(labels, probabilities) == pytest.approx(sum(binary))


def test_bins_are_open_on_the_left_and_hold_every_record():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]])
    found = confidence_bins(np.array([1, 1, 1]), probabilities, num_bins=4)
    assert found.places.tolist() == [1, 2, 3]
    assert found.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.correct.tolist() == [False, True, True]
