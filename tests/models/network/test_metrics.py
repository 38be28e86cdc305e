import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from models.network.metrics import BalancedAccuracy, MacroF1, make_metrics

EYE = np.eye(8, dtype=np.float32)


def sklearn_macro_f1(labels, predicted, weights=None):
    return f1_score(labels, predicted, average="macro", sample_weight=weights, zero_division=0)


def sklearn_balanced_accuracy(labels, predicted, weights=None):
    return balanced_accuracy_score(labels, predicted, sample_weight=weights)


METRICS = pytest.mark.parametrize(
    ("make", "expected"), [(MacroF1, sklearn_macro_f1), (BalancedAccuracy, sklearn_balanced_accuracy)]
)


@st.composite
def predictions(draw):
    """Labels, predictions and weights over classes of which many do not occur."""
    size = draw(st.integers(1, 40))
    labels = draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))
    predicted = draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))
    weights = draw(st.lists(st.floats(0.125, 8, width=16), min_size=size, max_size=size))
    return np.array(labels), np.array(predicted), np.array(weights)


def test_macro_f1_of_four_records():
    metric = MacroF1(2)
    metric.update_state([0, 0, 0, 1], EYE[[0, 0, 1, 1], :2])
    assert float(metric.result()) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_balanced_accuracy_of_four_records():
    metric = BalancedAccuracy(2)
    metric.update_state([0, 0, 0, 1], EYE[[0, 0, 1, 1], :2])
    assert float(metric.result()) == pytest.approx((2 / 3 + 1) / 2)


def test_macro_f1_counts_a_class_that_is_predicted_and_never_true_as_zero():
    metric = MacroF1(3)
    metric.update_state([0, 0], EYE[[0, 1], :3])
    assert float(metric.result()) == pytest.approx((2 / 3 + 0) / 2)


def test_balanced_accuracy_leaves_out_a_class_that_is_never_true():
    metric = BalancedAccuracy(3)
    metric.update_state([0, 0], EYE[[0, 1], :3])
    assert float(metric.result()) == pytest.approx(1 / 2)


@METRICS
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@settings(max_examples=60, deadline=None)
@given(data=predictions())
def test_metric_equals_scikit_learn_though_classes_are_absent(make, expected, data):
    labels, predicted, weights = data
    metric = make(8)
    metric.update_state(labels, EYE[predicted])
    assert float(metric.result()) == pytest.approx(expected(labels, predicted), abs=1e-6)
    metric.reset_state()
    metric.update_state(labels, EYE[predicted], sample_weight=weights)
    assert float(metric.result()) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@METRICS
def test_batches_add_up_to_the_whole(make, expected):
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 8, (2, 100))
    weights = random.uniform(0, 3, 100)
    metric = make(8)
    for batch in np.array_split(np.arange(100), 7):
        metric.update_state(labels[batch], EYE[predicted[batch]], sample_weight=weights[batch])
    assert float(metric.result()) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@METRICS
def test_logits_and_their_softmax_give_the_same(make, expected):
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 5, 50), random.normal(size=(50, 5)).astype(np.float32)
    results = []
    for scores in (logits, np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)):
        metric = make(5)
        metric.update_state(labels, scores)
        results.append(float(metric.result()))
    assert results[0] == results[1] == pytest.approx(expected(labels, logits.argmax(axis=-1)), abs=1e-6)


@METRICS
def test_labels_and_weights_may_be_columns(make, expected):
    labels, predicted, weights = (
        np.array([0, 1, 1, 2]),
        np.array([0, 1, 2, 1]),
        np.array([1.0, 2.0, 3.0, 4.0]),
    )
    metric = make(8)
    metric.update_state(labels[:, None], EYE[predicted], sample_weight=weights[:, None])
    assert float(metric.result()) == pytest.approx(expected(labels, predicted, weights), abs=1e-6)


@METRICS
def test_a_record_of_weight_zero_is_not_there(make, expected):
    metric = make(8)
    metric.update_state([0, 1, 5], EYE[[0, 0, 6]], sample_weight=[1.0, 1.0, 0.0])
    assert float(metric.result()) == pytest.approx(expected([0, 1], [0, 0]), abs=1e-6)


@METRICS
def test_result_is_zero_before_any_record_and_after_a_reset(make, expected):
    metric = make(8)
    assert float(metric.result()) == 0
    metric.update_state([0, 1], EYE[[0, 1]])
    assert float(metric.result()) == 1
    metric.reset_state()
    assert float(metric.result()) == 0


def test_counts_go_on_beyond_what_float32_can_count():
    metric = MacroF1(2)
    metric.update_state([0], EYE[[0], :2], sample_weight=[2.0**24])
    metric.update_state([0], EYE[[0], :2])
    assert np.asarray(metric.confusion)[0, 0] == 2**24 + 1


@METRICS
def test_fewer_than_two_classes_are_refused(make, expected):
    with pytest.raises(ValueError, match="Received: num_classes=1"):
        make(1)


def test_a_fitted_model_reports_every_figure_that_may_be_monitored():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2, kernel_initializer="identity")(inputs))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=make_metrics(2))
    labels, scores = np.array([0, 0, 0, 1]), EYE[[0, 0, 1, 1], :2]
    history = model.fit(scores, labels, validation_data=(scores, labels), batch_size=2, verbose=0).history
    assert history["val_accuracy"] == [pytest.approx(3 / 4)]
    assert history["val_balanced_accuracy"] == [pytest.approx((2 / 3 + 1) / 2)]
    assert history["val_macro_f1"] == [pytest.approx((4 / 5 + 2 / 3) / 2)]
