"""What the graph says of unlikeness, held against NumPy."""

import numpy as np
import tensorflow as tf

from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unknown_graph import ServedUnknown
from tests.components.decision_calibrator.test_fit_unknown import fitted


def marked(unknown: Unknown, vectors: np.ndarray) -> dict[str, np.ndarray]:
    answers = {"decision": tf.fill([len(vectors)], "abstain"), "score": tf.ones([len(vectors)])}
    said = ServedUnknown(unknown).mark(answers, tf.constant(vectors, tf.float32))
    return {name: values.numpy() for name, values in said.items()}


def test_the_graph_measures_as_numpy_does_however_far_the_classes_lie_apart():
    unknown, records = fitted((60, 20, 5), (100, 100, 100))
    far = records.vectors * np.float32([1, 1, 1e4, 1])
    for vectors, has_known in ((records.vectors, True), (far, False)):
        said, due = marked(unknown, vectors), unknown.unlikeness.of(vectors)
        assert (said["unlikeness"].dtype, said["unknown"].dtype) == (np.float32, bool)
        np.testing.assert_allclose(said["unlikeness"], due, rtol=1e-6)
        np.testing.assert_array_equal(said["unknown"], unknown.calls_unknown(due.astype(np.float32)))
        assert said["unknown"].any() and (not said["unknown"].all()) == has_known


def test_unknown_comes_before_whatever_else_the_decision_says():
    unknown, _ = fitted((60, 20, 5), (100, 100, 100))
    said = marked(unknown, np.array([[0, 0, 0, 6], [0, 0, 9, 0], [np.nan, 0, 0, 0]]))
    assert said["decision"].tolist() == [b"abstain", b"unknown", b"unknown"]
    assert said["score"].tolist() == [1, 1, 1]


def test_an_empty_batch_has_no_unlikeness():
    unknown, _ = fitted((60, 20, 5), (100, 100, 100))
    said = marked(unknown, np.zeros((0, 4)))
    assert said["unlikeness"].shape == said["unknown"].shape == said["decision"].shape == (0,)
