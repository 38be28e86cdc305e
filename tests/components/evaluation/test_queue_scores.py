import numpy as np
import pytest
from scipy.stats import binomtest

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.queue_scores import queue_scores
from core.documents.decision import QueueFigures, QueueSize

CLASSES = ("common", "rare")


def records_of(scores, labels):
    rare = np.array(scores, np.float32)
    probabilities = np.stack([1 - rare, rare], axis=1)
    labels = np.array(labels)
    keys = np.arange(len(labels)).astype(str)
    return AnsweredRecords(CLASSES, keys, labels, probabilities.argmax(axis=1), probabilities, probabilities)


def figures(*thresholds):
    sizes = [
        QueueSize(share=0.1, threshold=one, threshold_spread=(one, one, one), records=1) for one in thresholds
    ]
    return QueueFigures(class_name="rare", size=sizes[0], others=tuple(sizes[1:]))


def test_a_queue_by_hand():
    scores = queue_scores(
        records_of([0.9, 0.8, 0.7, 0.2, 0.1, 0.1, 0.1, 0.1], [1, 0, 1, 1, 0, 0, 0, 0]), figures(0.5)
    )
    assert (scores.class_name, scores.n, scores.size.records) == ("rare", 8, 3)
    assert scores.size.share.value == 3 / 8
    assert scores.size.precision.value == scores.size.recall.value == 2 / 3
    assert scores.size.lift.value == pytest.approx(2 / 3 / (3 / 8))


def test_intervals_are_wilsons_and_the_lifts_is_that_of_resampled_records():
    random = np.random.default_rng(0)
    labels = (random.random(2000) < 0.1).astype(int)
    rare = np.clip(random.normal(0.3 + 0.3 * labels, 0.15), 0, 1)
    size = queue_scores(records_of(rare, labels), figures(0.6)).size
    inside = rare.astype(np.float32) > 0.6
    hits = int((inside & (labels == 1)).sum())
    for rate, whole in ((size.precision, inside.sum()), (size.recall, labels.sum())):
        expected = binomtest(hits, int(whole)).proportion_ci(method="wilson")
        assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high))
    lifts = []
    for _ in range(1000):
        rows = random.integers(2000, size=2000)
        lifts.append(labels[rows][inside[rows]].mean() / labels[rows].mean())
    assert (size.lift.low, size.lift.high) == pytest.approx(np.quantile(lifts, [0.025, 0.975]), rel=0.03)


def test_every_size_has_its_own_figures():
    scores = queue_scores(records_of([0.9, 0.8, 0.7, 0.2], [1, 1, 0, 0]), figures(0.75, 0.85, 0.1))
    assert [one.records for one in (scores.size, *scores.others)] == [2, 1, 4]
    assert [one.recall.value for one in (scores.size, *scores.others)] == [1, 0.5, 1]


def test_what_cannot_be_counted_is_none():
    empty = queue_scores(records_of([0.2, 0.1], [1, 0]), figures(0.5)).size
    assert (empty.share.value, empty.precision.value, empty.recall.value, empty.lift.value) == (
        0,
        None,
        0,
        None,
    )
    without = queue_scores(records_of([0.9, 0.1], [0, 0]), figures(0.5)).size
    assert (without.precision.value, without.recall.value, without.lift.value) == (0, None, None)
