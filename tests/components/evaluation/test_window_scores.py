"""Windows of test: each scored as scikit-learn scores it, and a fall seen exactly where one was planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, recall_score

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.window_scores import window_scores, windows_of

HOUR = 3_600_000_000


def answered(size=1200, sharpness_first=3.0, sharpness_last=3.0, rare=(0.1, 0.1), seed=0):
    """Records of a rare class whose score tells it apart less and less, or as well to the end."""
    random = np.random.default_rng(seed)
    labels = (random.random(size) < np.linspace(*rare, size)).astype(np.int64)
    sharpness = np.linspace(sharpness_first, sharpness_last, size)
    scores = 1 / (1 + np.exp(-(random.normal(size=size) + sharpness * labels - 2)))
    probabilities = np.stack([1 - scores, scores], axis=1).astype(np.float32)
    decisions = (scores > 0.5).astype(np.int64)
    keys = np.array([f"row {row}" for row in range(size)], object)
    return AnsweredRecords(("genuine", "fraud"), keys, labels, decisions, probabilities, probabilities)


def scores(records, wanted=4):
    return window_scores(records, np.arange(len(records.labels)) * HOUR, wanted, "fraud")


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 8))
def test_windows_are_consecutive_and_leave_times_whole(times, wanted):
    windows = windows_of(np.array(times), wanted)
    assert sorted(set(windows.tolist())) == list(range(windows.max() + 1)) and windows.max() < wanted
    for first, window in zip(times, windows, strict=True):
        for second, other in zip(times, windows, strict=True):
            assert (first < second) <= (window <= other) and (first == second) <= (window == other)


def test_different_times_fill_windows_alike():
    assert np.ptp(np.bincount(windows_of(np.arange(103)[::-1], 4))) <= 1


def test_every_window_is_scored_as_scikit_learn_does():
    records = answered()
    windows = windows_of(np.arange(1200), 4)
    for number, window in enumerate(scores(records).windows):
        inside = windows == number
        labels, decisions = records.labels[inside], records.decisions[inside]
        assert window.n == 300 and window.support == labels.sum()
        assert window.macro_f1.value == pytest.approx(f1_score(labels, decisions, average="macro"))
        assert window.average_precision.value == pytest.approx(
            average_precision_score(labels, records.probabilities[inside, 1])
        )
        assert window.recall.value == pytest.approx(recall_score(labels, decisions))
        for rate in (window.macro_f1, window.average_precision, window.recall):
            assert rate.low <= rate.value <= rate.high


def test_a_planted_fall_is_told_of():
    found = scores(answered(sharpness_first=4.0, sharpness_last=0.5))
    assert all(trend.falls for trend in found.trends.values())
    assert found.sentence.startswith("Scores fall with the time, beyond chance: macro-F1 from 0.")
    assert "average precision of fraud" in found.sentence


def test_without_a_fall_none_is_told_of():
    assert scores(answered(600, seed=1)).sentence == "No score falls beyond chance over 4 windows of test."


@pytest.mark.slow
def test_of_many_data_without_a_fall_few_are_told_to_fall():
    """All three scores together are to be called falling in 5 % of such data at most."""
    falling = [
        any(one.falls for one in scores(answered(400, seed=seed)).trends.values()) for seed in range(40)
    ]
    assert sum(falling) <= 5


def test_a_class_that_grows_rarer_is_no_fall_though_its_average_precision_drops():
    """From two in five to one in fifty: the records are told apart as well as ever."""
    records = answered(2000, 1.5, 1.5, rare=(0.4, 0.02), seed=2)
    values = [window.average_precision.value for window in scores(records).windows]
    assert values[-1] < values[0] - 0.2
    assert not scores(records).trends["average_precision"].falls


def test_a_window_without_the_rarest_class_has_no_score_of_it():
    records = answered(200)
    labels = records.labels.copy()
    labels[:50] = 0
    without = AnsweredRecords(
        records.classes, records.keys, labels, records.decisions, records.probabilities, records.probabilities
    )
    first = scores(without).windows[0]
    assert first.support == 0 and first.recall.value is None and first.average_precision.value is None


def test_one_time_is_one_window():
    records = answered(50)
    found = window_scores(records, np.zeros(50, np.int64), 4, "fraud")
    assert len(found.windows) == 1 and not found.trends
    assert found.sentence == "All of test is of one window: nothing can be said of how scores move."
