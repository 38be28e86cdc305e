"""Share of the network beside trees, against a search on a grid."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import average_precision_score, log_loss

from models.training.members.blend import blend_figures, network_share


def answers(seed, labels, strength):
    random = np.random.default_rng(seed)
    logits = strength * np.eye(3)[labels] + random.normal(0, 1, (len(labels), 3))
    return log_softmax(logits, axis=1)


LABELS = np.random.default_rng(9).choice(3, 400, p=[0.7, 0.2, 0.1])


@pytest.mark.parametrize("strengths", [(2.0, 2.0), (3.0, 1.0), (0.5, 2.5)])
def test_share_is_the_best_on_a_grid(strengths):
    network, trees = (answers(place, LABELS, strength) for place, strength in enumerate(strengths))
    grid = np.linspace(0.001, 0.999, 999)
    rows = np.arange(len(LABELS))
    p, q = np.exp(network)[rows, LABELS], np.exp(trees)[rows, LABELS]
    losses = [-np.log(w * p + (1 - w) * q).sum() - 10 * np.log(w) - 10 * np.log(1 - w) for w in grid]
    assert network_share(network, trees, LABELS) == pytest.approx(grid[np.argmin(losses)], abs=2e-3)


def test_few_records_leave_the_shares_nearly_even():
    network, trees = answers(0, LABELS, 6.0), answers(1, LABELS, 0.0)
    few = slice(0, 4)
    assert abs(network_share(network[few], trees[few], LABELS[few]) - 0.5) < 0.15
    assert network_share(network, trees, LABELS) > 0.9
    assert network_share(network, network, LABELS) == pytest.approx(0.5, abs=1e-3)


def test_figures_are_those_of_scikit_learn():
    network, trees = answers(0, LABELS, 2.0), answers(1, LABELS, 1.0)
    together = np.log(0.3 * np.exp(network) + 0.7 * np.exp(trees))
    figures = blend_figures(0.3, True, network, trees, together, LABELS)
    for name, one in (("network", network), ("trees", trees), ("together", together)):
        assert figures.log_loss[name] == pytest.approx(log_loss(LABELS, np.exp(one), labels=range(3)))
        expected = average_precision_score(LABELS == 2, one[:, 2])
        assert figures.average_precision[name] == pytest.approx(expected)
    assert figures.records == 400 and figures.network_share == 0.3
