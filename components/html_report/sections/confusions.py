"""The confusion matrix, laid out for reading."""

from dataclasses import dataclass
from typing import Any

from components.html_report.number_format import percent

DENSE_ABOVE = 25  # With more classes the cells shrink and the names stay in view while scrolling.
OMITTED_ABOVE = 120  # A browser slows down over a table of many thousand cells that nobody reads.


@dataclass(frozen=True)
class Mistake:
    """A class taken for another: how often, and out of how many records of the actual class."""

    actual: str
    predicted: str
    count: int
    support: int
    percent: str


@dataclass(frozen=True)
class Cell:
    """A count with its share of its row, in [0, 1]."""

    count: int
    share: float
    is_hit: bool


@dataclass(frozen=True)
class Matrix:
    """The matrix, one row for each actual class.

    Attributes:
        classes: Names in index order.
        rows: A class name and its cells, one for each predicted class; empty where the matrix is too large.
        is_dense: Whether the cells must be small.
        omitted_above: The largest number of classes that is still drawn.
    """

    classes: list[str]
    rows: list[tuple[str, list[Cell]]]
    is_dense: bool
    omitted_above: int = OMITTED_ABOVE


def lay_out(confusion: dict[str, Any]) -> Matrix:
    """Normalises each row of the counts by its sum.

    Args:
        confusion: `classes` in index order, and `counts`, `(actual, predicted)`.

    Returns:
        The matrix; the counts `[[3, 1]]` of one row have the shares 0.75 and 0.25. A class without
        records has shares of 0.
    """
    names, rows = confusion["classes"], []
    if len(names) <= OMITTED_ABOVE:
        for actual, counts in enumerate(confusion["counts"]):
            support = sum(counts)
            cells = [
                Cell(n, n / support if support else 0.0, actual == predicted)
                for predicted, n in enumerate(counts)
            ]
            rows.append((names[actual], cells))
    return Matrix(names, rows, is_dense=len(names) > DENSE_ABOVE)


def worst_mistakes(confusion: dict[str, Any], limit: int) -> list[Mistake]:
    """Lists the mistakes that take the largest share of their actual class, largest first.

    A share, not a count: a count would list the mistakes of the large classes alone.
    """
    names = confusion["classes"]
    mistakes = [
        Mistake(names[actual], names[predicted], n, sum(counts), percent(n, sum(counts)))
        for actual, counts in enumerate(confusion["counts"])
        for predicted, n in enumerate(counts)
        if n and actual != predicted
    ]
    mistakes.sort(key=lambda mistake: (-mistake.count / mistake.support, -mistake.count))
    return mistakes[:limit]
