import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from components.evaluation.classification_metrics import classification_metrics
from components.evaluation.summary_metrics import SUMMARY_METRICS
from core.documents.scores import ClassScores, Confusion


@st.composite
def predictions(draw):
    """Labels, probabilities with many ties, and decisions that need not be the most probable class."""
    num_classes = draw(st.integers(2, 4))
    num_examples = draw(st.integers(1, 25))
    index = st.integers(0, num_classes - 1)
    labels = draw(st.lists(index, min_size=num_examples, max_size=num_examples))
    decisions = draw(st.lists(index, min_size=num_examples, max_size=num_examples))
    weights = st.lists(st.integers(1, 4), min_size=num_classes, max_size=num_classes)
    rows = np.array(draw(st.lists(weights, min_size=num_examples, max_size=num_examples)), float)
    return np.array(labels), rows / rows.sum(axis=1, keepdims=True), np.array(decisions)


def class_names(probabilities):
    return [f"class {index}" for index in range(probabilities.shape[1])]


@pytest.fixture(autouse=True)
def _scikit_learn_may_warn_of_absent_classes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class TestAgainstScikitLearn:
    @given(predictions())
    @settings(deadline=None)
    def test_summary_of_decisions_is_scikit_learns(self, drawn):
        labels, probabilities, decisions = drawn
        summary = classification_metrics(labels, probabilities, class_names(probabilities), decisions).summary

        assert summary["accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(labels, decisions))
        assert summary["balanced_accuracy"] == pytest.approx(
            sklearn_metrics.balanced_accuracy_score(labels, decisions)
        )
        assert summary["macro_f1"] == pytest.approx(
            sklearn_metrics.f1_score(labels, decisions, average="macro", zero_division=0)
        )
        if len(set(labels)) > 1:
            assert summary["mcc"] == pytest.approx(sklearn_metrics.matthews_corrcoef(labels, decisions))

    @given(predictions())
    @settings(deadline=None)
    def test_numbers_per_class_are_scikit_learns_where_defined_and_none_elsewhere(self, drawn):
        labels, probabilities, decisions = drawn
        names = class_names(probabilities)
        per_class = classification_metrics(labels, probabilities, names, decisions).per_class
        expected = sklearn_metrics.precision_recall_fscore_support(
            labels, decisions, labels=range(len(names)), zero_division=np.nan
        )
        for index, name in enumerate(names):
            for key, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
                value = getattr(per_class[name], key)
                assert value == pytest.approx(values[index]) or (value is None and np.isnan(values[index]))

    @given(predictions())
    @settings(deadline=None)
    def test_macro_roc_auc_of_many_classes_is_scikit_learns_one_vs_rest(self, drawn):
        labels, probabilities, _ = drawn
        num_classes = probabilities.shape[1]
        if num_classes == 2 or len(set(labels)) < num_classes:
            return
        summary = classification_metrics(labels, probabilities, class_names(probabilities)).summary
        assert summary["macro_roc_auc"] == pytest.approx(
            sklearn_metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
        )


class TestWorkedExample:
    """Four of class a (three right), two of b (one right), one of c (missed, called a)."""

    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    probabilities = np.array(
        [
            [0.8, 0.1, 0.1],
            [0.6, 0.3, 0.1],
            [0.5, 0.3, 0.2],
            [0.3, 0.6, 0.1],
            [0.2, 0.7, 0.1],
            [0.5, 0.4, 0.1],
            [0.4, 0.2, 0.4],
        ]
    )

    @pytest.fixture(scope="class")
    def result(self):
        return classification_metrics(self.labels, self.probabilities, ["a", "b", "c"])

    def test_confusion_rows_are_true_classes(self, result):
        # The last row ties between a and c: the first is decided for.
        assert result.confusion == Confusion(
            classes=("a", "b", "c"), counts=((3, 1, 0), (1, 1, 0), (1, 0, 0))
        )
        assert result.n == 7

    def test_numbers_of_each_class(self, result):
        a, b, c = (result.per_class[name] for name in "abc")
        assert (a.support, a.precision, a.recall) == (4, 3 / 5, 3 / 4)
        assert a.f1 == pytest.approx(2 * (3 / 5) * (3 / 4) / (3 / 5 + 3 / 4))
        assert (b.support, b.precision, b.recall, b.f1) == (2, 1 / 2, 1 / 2, 1 / 2)
        # Class c is never decided for: its precision is undefined, its F1 is 0.
        assert (c.support, c.precision, c.recall, c.f1) == (1, None, 0, 0)

    def test_ranking_judges_probabilities_not_decisions(self, result):
        assert result.per_class["c"].roc_auc == 1
        assert result.per_class["c"].average_precision == 1
        # Scores of b, in order: 0.7 (b), 0.6, 0.4 (b), then the others: precision 1 at recall 1/2, 2/3 at 1.
        assert result.per_class["b"].average_precision == pytest.approx((1 + 2 / 3) / 2)

    def test_means_of_recalls(self, result):
        summary = result.summary
        assert summary["accuracy"] == pytest.approx(4 / 7)
        assert summary["balanced_accuracy"] == pytest.approx((3 / 4 + 1 / 2 + 0) / 3)
        assert (summary["worst_recall"], summary["g_mean"], summary["harmonic_mean_recall"]) == (0, 0, 0)
        assert summary["worst_recall_lower_bound"] == 0

    def test_decisions_move_counts_and_leave_the_ranking_and_calibration(self, result):
        decisions = np.array([0, 0, 0, 0, 1, 1, 2])
        decided = classification_metrics(self.labels, self.probabilities, ["a", "b", "c"], decisions)
        assert decided.summary["accuracy"] == 1
        for name in ("macro_average_precision", "macro_roc_auc", "brier", "ece"):
            assert decided.summary[name] == result.summary[name]

    def test_result_holds_every_name_and_plain_json_numbers(self, result):
        assert list(result.summary) == list(SUMMARY_METRICS)
        document = json.loads(json.dumps(result.as_dict(), allow_nan=False))
        assert list(document) == ["n", "summary", "per_class", "confusion"]
        assert document["summary"] == result.summary
        assert document["per_class"]["a"] == {
            **vars(result.per_class["a"]),
            "recall_interval": list(result.per_class["a"].recall_interval),
        }


class TestUndefinedValues:
    def test_absent_class_is_none_and_left_out_of_means(self):
        probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
        result = classification_metrics(np.array([0, 1, 1]), probabilities, ["a", "b", "absent"])

        absent = result.per_class["absent"]
        assert absent == ClassScores(**{**dict.fromkeys(ClassScores.model_fields), "support": 0})
        assert result.summary["balanced_accuracy"] == pytest.approx((1 + 1 / 2) / 2)
        assert result.summary["macro_f1"] == pytest.approx(2 / 3)
        assert result.summary["macro_roc_auc"] == 1

    def test_absent_class_that_is_decided_for_costs_macro_f1(self):
        probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]])
        result = classification_metrics(np.array([0, 1, 1]), probabilities, ["a", "b", "absent"])
        assert result.per_class["absent"].f1 == 0
        assert result.per_class["absent"].precision == 0
        assert result.summary["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)

    def test_absent_class_holds_the_worst_lower_bound_at_zero(self):
        labels = np.array([0, 1] * 50)
        probabilities = np.eye(3)[labels]
        present = classification_metrics(labels, probabilities[:, :2], ["a", "b"]).summary
        absent = classification_metrics(labels, probabilities, ["a", "b", "absent"]).summary
        assert present["worst_recall_lower_bound"] > 0.9
        assert absent["worst_recall_lower_bound"] == 0
        assert absent["worst_recall"] == 1

    def test_single_class_leaves_ranking_and_correlation_undefined(self):
        result = classification_metrics(np.array([1, 1]), np.array([[0.2, 0.8], [0.9, 0.1]]), ["a", "b"])
        assert result.per_class["b"].recall == 0.5
        for name in ("mcc", "macro_average_precision", "macro_roc_auc"):
            assert result.summary[name] is None
        json.dumps(result.as_dict(), allow_nan=False)

    def test_one_example_in_a_class_has_a_wide_interval(self):
        labels = np.array([0, 0, 0, 1])
        result = classification_metrics(labels, np.eye(2)[labels], ["many", "one"])
        low, high = result.per_class["one"].recall_interval
        assert high == 1
        assert low == pytest.approx(1 / (1 + 1.959963984540054**2))


class TestRefusals:
    two_rows = np.array([[0.5, 0.5], [0.5, 0.5]])

    @pytest.mark.parametrize(
        ("labels", "probabilities", "decisions", "message"),
        [
            ([0, 2], two_rows, None, r"labels in \[0, 2\)"),
            ([0, -1], two_rows, None, r"from -1 to 0"),
            ([0], two_rows, None, r"labels as ints of shape \(2,\)"),
            ([0.0, 1.0], two_rows, None, r"labels as ints"),
            ([0, 1], two_rows, [0, 5], r"decisions in \[0, 2\)"),
            ([0, 1], np.ones((2, 3)) / 3, None, r"shape \(n, 2\)"),
            ([], np.ones((0, 2)), None, r"n >= 1"),
            ([0, 1], np.array([[0.5, 0.5], [3.0, -1.0]]), None, "softmax"),
            ([0, 1], np.array([[np.nan, 0.5], [0.5, 0.5]]), None, "finite"),
        ],
    )
    def test_arrays_that_do_not_fit_are_named(self, labels, probabilities, decisions, message):
        decisions = None if decisions is None else np.array(decisions)
        with pytest.raises(ValueError, match=message):
            classification_metrics(np.array(labels), probabilities, ["a", "b"], decisions)

    def test_class_names_must_be_distinct(self):
        with pytest.raises(ValueError, match="distinct"):
            classification_metrics(np.array([0, 1]), self.two_rows, ["a", "a"])
