import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from models.network.average_precision import MacroAveragePrecision, average_precision


def result(metric: MacroAveragePrecision, name: str = "macro_average_precision") -> float:
    return float(metric.result()[name])


def softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def test_average_precision_with_equal_scores_by_hand():
    scores, positive = tf.constant([0.9, 0.8, 0.8, 0.1]), tf.constant([True, False, True, False])
    value = average_precision(scores, positive, tf.ones(4, tf.float64))
    assert float(value) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@settings(max_examples=60)
@given(
    records=st.lists(
        st.tuples(st.integers(-3, 3), st.booleans(), st.floats(0.125, 4, width=16)), min_size=1, max_size=30
    )
)
def test_average_precision_equals_scikit_learn_with_ties_and_weights(records):
    scores, positive, weights = (np.array(values) for values in zip(*records, strict=True))
    value = average_precision(
        tf.constant(scores, tf.float32), tf.constant(positive), tf.constant(weights, tf.float64)
    )
    expected = average_precision_score(positive, scores, sample_weight=weights) if positive.any() else 0
    assert float(value) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("batch_size", [7, 50, 200])
def test_batches_add_up_to_the_mean_over_the_classes_that_occur(batch_size):
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 200)
    labels[labels == 2] = 1  # Class 2 does not occur.
    logits = random.normal(0, 1, (200, 4)).astype(np.float32)
    metric = MacroAveragePrecision(4, 200)
    for _ in range(2):
        metric.reset_state()
        for start in range(0, 200, batch_size):
            assert np.isnan(result(metric))
            metric.update_state(labels[start : start + batch_size], logits[start : start + batch_size])
        expected = [average_precision_score(labels == c, softmax(logits)[:, c]) for c in (0, 1, 3)]
        assert result(metric) == pytest.approx(np.mean(expected), abs=1e-6)


def test_of_two_classes_that_of_the_second_is_given_besides():
    random = np.random.default_rng(1)
    labels, logits = random.integers(0, 2, 50), random.normal(size=(50, 2)).astype(np.float32)
    metric = MacroAveragePrecision(2, 50)
    metric.update_state(labels, logits)
    expected = average_precision_score(labels, softmax(logits)[:, 1])
    assert result(metric, "average_precision") == pytest.approx(expected, abs=1e-6)


def test_probabilities_of_several_members_are_averaged():
    random = np.random.default_rng(2)
    labels, logits = random.integers(0, 3, 60), random.normal(0, 3, (60, 5, 3)).astype(np.float32)
    metric = MacroAveragePrecision(3, 60)
    metric.update_state(labels, logits)
    scores = softmax(logits).mean(axis=1)
    expected = np.mean([average_precision_score(labels == c, scores[:, c]) for c in range(3)])
    assert result(metric) == pytest.approx(expected, abs=1e-6)


def test_records_of_weight_zero_are_not_there():
    metric = MacroAveragePrecision(3, 4)
    logits = np.log([[7, 2, 1], [2, 7, 1], [5, 4, 1], [1, 1, 8]]).astype(np.float32)
    metric.update_state([0, 1, 1, 2], logits, sample_weight=[1.0, 1.0, 1.0, 0.0])
    expected = [average_precision_score([1, 0, 0], [7, 2, 5]), average_precision_score([0, 1, 1], [2, 7, 4])]
    assert result(metric) == pytest.approx(np.mean(expected))


def test_more_records_than_an_evaluation_has_give_nan_and_are_not_kept():
    metric = MacroAveragePrecision(2, 3)
    metric.update_state([0, 1], [[1.0, 0.0], [0.0, 1.0]])
    metric.update_state([0, 1], [[1.0, 0.0], [0.0, 1.0]])
    assert np.isnan(result(metric))
    metric.reset_state()
    metric.update_state([0, 1, 1], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert result(metric) == 1


@pytest.mark.parametrize(("num_classes", "num_records"), [(1, 5), (2, 0)])
def test_numbers_that_are_too_small_are_refused(num_classes, num_records):
    with pytest.raises(ValueError, match=f"num_classes={num_classes}, num_records={num_records}"):
        MacroAveragePrecision(num_classes, num_records)
