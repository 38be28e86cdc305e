import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.evaluation.calibration_figures import expected_calibration_error
from components.html_report.charts.reliability import reliability, reliability_bins


def test_records_fall_into_bins_by_their_largest_probability():
    labels = np.array([0, 1, 0])
    probabilities = np.array([[0.95, 0.05], [0.75, 0.25], [0.72, 0.28]])
    bins = reliability_bins(labels, probabilities, num_bins=10)
    assert [one.count for one in bins] == [0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
    assert bins[7].confidence == pytest.approx(0.735) and bins[7].accuracy == 0.5
    assert bins[0].confidence is None and bins[0].accuracy is None


@given(hnp.arrays(np.float64, (30, 3), elements=st.floats(0.01, 1)))
def test_the_gaps_sum_to_the_calibration_error(odds):
    probabilities, labels = odds / odds.sum(axis=1, keepdims=True), np.arange(30) % 3
    gaps = sum(
        one.count / 30 * abs(one.accuracy - one.confidence)
        for one in reliability_bins(labels, probabilities)
        if one.count
    )
    assert gaps == pytest.approx(expected_calibration_error(labels, probabilities))


def test_counts_before_and_after_are_of_all_records(six, answered):
    run = answered(six)
    found = reliability(run.records)
    assert sum(before.count for before, _ in found.rows) == run.metrics["n"]
    assert sum(after.count for _, after in found.rows) == run.metrics["n"]
    error = expected_calibration_error(run.records.labels, run.records.probabilities.astype(np.float64))
    assert f"and {error:.3f} after" in found.chart.description
