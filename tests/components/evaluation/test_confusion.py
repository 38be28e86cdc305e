import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from components.evaluation.confusion import ClassMargins, confusion_counts, confusion_margins


@st.composite
def decided_records(draw):
    """Labels and decisions of four classes."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
    return np.array(pairs).T


@given(decided_records())
def test_counts_are_scikit_learns(drawn):
    expected = confusion_matrix(*drawn, labels=range(4))
    assert confusion_counts(*drawn, 4).tolist() == expected.tolist()


@given(decided_records())
def test_rates_are_scikit_learns_and_nan_where_it_has_none(drawn):
    margins = confusion_margins(*drawn, 4)
    precision, recall, f1, support = precision_recall_fscore_support(
        *drawn, labels=range(4), zero_division=np.nan
    )
    np.testing.assert_allclose([margins.precision, margins.recall, margins.f1], [precision, recall, f1])
    np.testing.assert_array_equal(margins.support, support)


@given(decided_records())
def test_margins_of_counts_are_those_of_the_records(drawn):
    of_counts = ClassMargins.of_counts(confusion_counts(*drawn, 4))
    for name, values in vars(confusion_margins(*drawn, 4)).items():
        np.testing.assert_array_equal(getattr(of_counts, name), values)


def test_a_decision_for_no_class_of_these_is_wrong():
    margins = confusion_margins(np.array([0, 0, 0, 1]), np.array([0, 1, -1, 1]), 3)
    assert margins.hits.tolist() == [1, 1, 0]
    assert margins.decided.tolist() == [1, 2, 0]
    assert margins.support.tolist() == [3, 1, 0]


def test_rates_by_hand():
    margins = ClassMargins(np.array([3.0, 0.0]), np.array([4.0, 0.0]), np.array([6.0, 2.0]))
    assert margins.recall.tolist() == [0.5, 0.0]
    assert margins.precision[0] == 0.75 and np.isnan(margins.precision[1])
    assert margins.f1[0] == pytest.approx(2 * 0.5 * 0.75 / 1.25)
