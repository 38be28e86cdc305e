import numpy as np
import pytest

from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.summary_metrics import REPORTED_METRICS, SUMMARY_METRICS, matthews_correlation

LABELS = np.tile([0, 0, 0, 1, 1, 2], 20)


def predictions(right):
    """Returns predictions that are right for a share of every class, and as sure as they are wrong or right."""
    random = np.random.default_rng(0)
    decisions = np.where(random.random(len(LABELS)) < right, LABELS, (LABELS + 1) % 3)
    return LabelledPredictions(LABELS, np.eye(3)[decisions] * 0.94 + 0.02, decisions)


@pytest.mark.parametrize("name", SUMMARY_METRICS)
def test_the_better_predictions_are_the_better_by_every_metrics_direction(name):
    metric = SUMMARY_METRICS[name]
    good, poor = (metric.compute(predictions(right)) for right in (0.95, 0.4))
    assert (good > poor) == metric.higher_is_better


def test_every_metric_with_a_title_has_a_meaning_and_a_rank_of_its_own():
    ranks = [metric.report_rank for metric in REPORTED_METRICS.values()]
    assert ranks == sorted(set(ranks)) and min(ranks) > 0
    assert all(metric.meaning for metric in REPORTED_METRICS.values())


def test_a_constant_decision_correlates_as_chance_and_one_class_alone_with_nothing():
    assert matthews_correlation(np.array([0, 0, 1]), np.array([0, 0, 0])) == 0
    assert matthews_correlation(np.array([1, 1]), np.array([0, 1])) is None
