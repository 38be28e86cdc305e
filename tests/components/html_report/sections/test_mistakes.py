import pytest

from components.html_report.sections.mistakes import (
    DENSE_ABOVE,
    OMITTED_ABOVE,
    confusion_matrix,
    most_frequent,
)
from core.documents.scores import Confusion

CONFUSION = Confusion(classes=("a", "b", "c"), counts=((90, 6, 4), (0, 3, 1), (0, 0, 0)))


def test_rows_are_normalised_by_the_actual_class():
    rows = confusion_matrix(CONFUSION).rows
    assert [[cell.share for cell in cells] for _, cells in rows] == [
        [0.9, 0.06, 0.04],
        [0, 0.75, 0.25],
        [0, 0, 0],
    ]
    assert [name for name, _ in rows] == ["a", "b", "c"]


def test_only_the_diagonal_is_right():
    assert [[cell.is_hit for cell in cells] for _, cells in confusion_matrix(CONFUSION).rows] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_a_rare_class_losing_a_quarter_comes_before_a_large_class_losing_more_records():
    found = [(m.actual, m.predicted, m.count, m.support) for m in most_frequent(CONFUSION, limit=2)]
    assert found == [("b", "c", 1, 4), ("a", "b", 6, 100)]


def test_a_perfect_model_has_no_mistakes():
    assert most_frequent(Confusion(classes=("a", "b"), counts=((5, 0), (0, 5))), limit=8) == []


@pytest.mark.parametrize(
    ("n", "is_dense", "rows"),
    [
        (DENSE_ABOVE, False, DENSE_ABOVE),
        (DENSE_ABOVE + 1, True, DENSE_ABOVE + 1),
        (OMITTED_ABOVE, True, OMITTED_ABOVE),
        (OMITTED_ABOVE + 1, True, 0),
    ],
)
def test_the_matrix_shrinks_and_then_gives_way_as_classes_grow(n, is_dense, rows):
    matrix = confusion_matrix(Confusion(classes=tuple(map(str, range(n))), counts=((1,) * n,) * n))
    assert (matrix.is_dense, len(matrix.rows)) == (is_dense, rows)
