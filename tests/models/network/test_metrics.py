from typing import get_args

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from models.network.metrics import ConfusionFigures, make_metrics
from models.settings import Monitor

EYE = np.eye(8, dtype=np.float32)


def sklearn_macro_f1(labels, predicted, weights=None):
    return f1_score(labels, predicted, average="macro", sample_weight=weights, zero_division=0)


def sklearn_balanced_accuracy(labels, predicted, weights=None):
    return balanced_accuracy_score(labels, predicted, sample_weight=weights)


def sklearn_accuracy(labels, predicted, weights=None):
    return accuracy_score(labels, predicted, sample_weight=weights)


BY_SCIKIT_LEARN = {
    "macro_f1": sklearn_macro_f1,
    "balanced_accuracy": sklearn_balanced_accuracy,
    "accuracy": sklearn_accuracy,
}
FIGURES = pytest.mark.parametrize(("figure", "expected"), BY_SCIKIT_LEARN.items())


def value(metric: ConfusionFigures, figure: str) -> float:
    return float(metric.result()[figure])


@st.composite
def predictions(draw):
    """Labels, predictions and weights over classes of which many do not occur."""
    size = draw(st.integers(1, 40))
    labels = draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))
    predicted = draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))
    weights = draw(st.lists(st.floats(0.125, 8, width=16), min_size=size, max_size=size))
    return np.array(labels), np.array(predicted), np.array(weights)


def test_figures_of_four_records():
    metric = ConfusionFigures(2)
    metric.update_state([0, 0, 0, 1], EYE[[0, 0, 1, 1], :2])
    assert {name: float(figure) for name, figure in metric.result().items()} == pytest.approx(
        {
            "accuracy": 3 / 4,
            "balanced_accuracy": (2 / 3 + 1) / 2,
            "macro_f1": (4 / 5 + 2 / 3) / 2,
            "recall_0": 2 / 3,
            "recall_1": 1,
        }
    )


def test_macro_f1_counts_a_class_that_is_predicted_and_never_true_as_zero():
    metric = ConfusionFigures(3)
    metric.update_state([0, 0], EYE[[0, 1], :3])
    assert value(metric, "macro_f1") == pytest.approx((2 / 3 + 0) / 2)


def test_balanced_accuracy_leaves_out_a_class_that_is_never_true():
    metric = ConfusionFigures(3)
    metric.update_state([0, 0], EYE[[0, 1], :3])
    assert value(metric, "balanced_accuracy") == pytest.approx(1 / 2)
    assert value(metric, "recall_1") == 0


def test_of_a_blend_the_dominant_label_counts():
    metric = ConfusionFigures(2)
    metric.update_state(np.array([[0, 1, 0.6], [1, 0, 0.9]], np.float32), EYE[[0, 0], :2])
    assert value(metric, "recall_0") == 1 and value(metric, "recall_1") == 0


def test_the_mean_probability_of_several_members_answers():
    # Probabilities of class 1: .9 and .2, mean .55; mean logits would say class 0 for the second record.
    odds = np.array([[[1, 9], [8, 2]], [[1, 9999], [99999999, 1]]], np.float64)
    metric = ConfusionFigures(2)
    metric.update_state([1, 0], np.log(odds).astype(np.float32))
    assert value(metric, "recall_1") == 1
    assert value(metric, "recall_0") == 1


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@settings(max_examples=60, deadline=None)
@given(data=predictions())
def test_every_figure_equals_scikit_learn_though_classes_are_absent(data):
    labels, predicted, weights = data
    metric = ConfusionFigures(8)
    metric.update_state(labels, EYE[predicted])
    unweighted = metric.result()
    metric.reset_state()
    metric.update_state(labels, EYE[predicted], sample_weight=weights)
    weighted = metric.result()
    for figure, expected in BY_SCIKIT_LEARN.items():
        assert float(unweighted[figure]) == pytest.approx(expected(labels, predicted), abs=1e-6)
        assert float(weighted[figure]) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@FIGURES
def test_batches_add_up_to_the_whole(figure, expected):
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 8, (2, 100))
    weights = random.uniform(0, 3, 100)
    metric = ConfusionFigures(8)
    for batch in np.array_split(np.arange(100), 7):
        metric.update_state(labels[batch], EYE[predicted[batch]], sample_weight=weights[batch])
    assert value(metric, figure) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@FIGURES
def test_logits_and_their_softmax_give_the_same(figure, expected):
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 5, 50), random.normal(size=(50, 5)).astype(np.float32)
    results = []
    for scores in (logits, np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)):
        metric = ConfusionFigures(5)
        metric.update_state(labels, scores)
        results.append(value(metric, figure))
    assert results[0] == results[1] == pytest.approx(expected(labels, logits.argmax(axis=-1)), abs=1e-6)


@FIGURES
def test_labels_and_weights_may_be_columns(figure, expected):
    labels, predicted, weights = (
        np.array([0, 1, 1, 2]),
        np.array([0, 1, 2, 1]),
        np.array([1.0, 2.0, 3.0, 4.0]),
    )
    metric = ConfusionFigures(8)
    metric.update_state(labels[:, None], EYE[predicted], sample_weight=weights[:, None])
    assert value(metric, figure) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@FIGURES
def test_a_record_of_weight_zero_is_not_there(figure, expected):
    metric = ConfusionFigures(8)
    metric.update_state([0, 1, 5], EYE[[0, 0, 6]], sample_weight=[1.0, 1.0, 0.0])
    assert value(metric, figure) == pytest.approx(expected([0, 1], [0, 0]), abs=1e-6)


@FIGURES
def test_result_is_zero_before_any_record_and_after_a_reset(figure, expected):
    metric = ConfusionFigures(8)
    assert value(metric, figure) == 0
    metric.update_state([0, 1], EYE[[0, 1]])
    assert value(metric, figure) == 1
    metric.reset_state()
    assert value(metric, figure) == 0


def test_counts_go_on_beyond_what_float32_can_count():
    metric = ConfusionFigures(2)
    metric.update_state([0], EYE[[0], :2], sample_weight=[2.0**24])
    metric.update_state([0], EYE[[0], :2])
    assert np.asarray(metric.confusion)[0, 0] == 2**24 + 1


def test_fewer_than_two_classes_are_refused():
    with pytest.raises(ValueError, match="Received: num_classes=1"):
        ConfusionFigures(1)


@pytest.mark.parametrize("batch_size", [2, 3])
def test_a_fitted_model_reports_every_figure_that_may_be_monitored(batch_size):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2, kernel_initializer="identity")(inputs))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=make_metrics(2, num_eval_records=4))
    labels, scores = np.array([0, 0, 0, 1]), EYE[[0, 0, 1, 1], :2]
    # Half as many records again are trained on.
    train = (scores[[0, 1, 2, 3, 3, 0]], labels[[0, 1, 2, 3, 3, 0]])
    fitted = model.fit(*train, validation_data=(scores, labels), batch_size=batch_size, epochs=2, verbose=0)
    history = fitted.history
    assert history["val_accuracy"] == pytest.approx([3 / 4] * 2)
    assert history["val_balanced_accuracy"] == pytest.approx([(2 / 3 + 1) / 2] * 2)
    assert history["val_macro_f1"] == pytest.approx([(4 / 5 + 2 / 3) / 2] * 2)
    assert history["val_recall_0"] == pytest.approx([2 / 3] * 2)
    assert history["val_recall_1"] == pytest.approx([1] * 2)
    # One positive among the two that score highest; both of the zeros above.
    assert history["val_average_precision"] == pytest.approx([1 / 2] * 2)
    assert history["val_macro_average_precision"] == pytest.approx(
        [(1 / 2 + (2 / 3 * 1 + 1 / 3 * 3 / 4)) / 2] * 2
    )
    assert np.isnan(history["average_precision"]).all()
    monitored = {name.removeprefix("val_") for name in get_args(Monitor)} - {"loss"}
    assert {f"val_{name}" for name in monitored} <= set(history)


def test_of_more_than_two_classes_there_is_no_one_average_precision():
    names = {name for metric in make_metrics(3, 5) for name in metric.result()}
    assert "macro_average_precision" in names and "average_precision" not in names
    assert {"recall_0", "recall_1", "recall_2"} <= names
