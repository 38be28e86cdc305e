"""What the graph decides, held against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from components.decision_calibrator.decision_graph import decide, doubt
from components.decision_calibrator.rule import Queue, QueueSize, Rule


def queue(index: int, threshold: float) -> Rule:
    return Rule.of_queue("capacity", 3, Queue(index, QueueSize(0.1, threshold, np.full(3, threshold), 1)))


RULES = {
    "weights": Rule.of_weights("macro_f1", [1.0, 3.0, 0.5]),
    "costs": Rule("cost_matrix", -np.array([[0.0, 1, 2], [9, 0, 1], [4, 4, 0]])),
    "queue": queue(1, 0.4),
    "queue of the first class": queue(0, 0.7),
    "empty queue": queue(2, 1.0),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_graph_decides_as_numpy_does(rule):
    probabilities = np.random.default_rng(0).dirichlet([1, 1, 1], 500).astype(np.float32)
    decisions = decide(tf.constant(probabilities), rule)
    assert decisions.dtype == tf.int64
    np.testing.assert_array_equal(decisions, rule.decide(probabilities.astype(np.float64)))


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_graph_doubts_as_numpy_does(rule):
    probabilities = np.random.default_rng(0).dirichlet([1, 1, 1], 500).astype(np.float32)
    doubts = doubt(tf.constant(probabilities), rule)
    assert doubts.dtype == tf.float32
    np.testing.assert_allclose(doubts, rule.doubt(probabilities.astype(np.float64)), atol=1e-6)


def test_an_empty_batch_has_no_decision():
    for rule in RULES.values():
        assert decide(tf.zeros([0, 3]), rule).shape == doubt(tf.zeros([0, 3]), rule).shape == (0,)
