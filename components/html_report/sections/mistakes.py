"""Section on mistakes: what is taken for what, and the confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.html_report.number_format import percent
from components.html_report.report_inputs import ReportInputs
from core.documents.scores import Confusion

MISTAKES_SHOWN = 8
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

    classes: Sequence[str]
    rows: list[tuple[str, list[Cell]]]
    is_dense: bool
    omitted_above: int = OMITTED_ABOVE


@dataclass(frozen=True)
class Mistakes:
    """The mistakes that cost a class most, and the whole matrix."""

    worst: list[Mistake]
    matrix: Matrix


def mistakes(inputs: ReportInputs) -> Mistakes:
    """Returns the worst mistakes and the confusion matrix."""
    confusion = inputs.metrics.confusion
    return Mistakes(most_frequent(confusion, MISTAKES_SHOWN), confusion_matrix(confusion))


def confusion_matrix(confusion: Confusion) -> Matrix:
    """Normalises each row of the counts by its sum.

    The counts `[[3, 1]]` of one row have the shares 0.75 and 0.25. A class without records has shares of 0.
    """
    names = confusion.classes
    counts = confusion.counts if len(names) <= OMITTED_ABOVE else ()
    rows = [(names[actual], _cells(row, actual)) for actual, row in enumerate(counts)]
    return Matrix(names, rows, is_dense=len(names) > DENSE_ABOVE)


def _cells(counts: Sequence[int], actual: int) -> list[Cell]:
    support = sum(counts)
    return [
        Cell(count, count / support if support else 0.0, actual == predicted)
        for predicted, count in enumerate(counts)
    ]


def most_frequent(confusion: Confusion, limit: int) -> list[Mistake]:
    """Lists the mistakes that take the largest share of their actual class, largest first.

    A share, not a count: a count would list the mistakes of the large classes alone.
    """
    names = confusion.classes
    made = [
        Mistake(names[actual], names[predicted], count, sum(counts), percent(count, sum(counts)))
        for actual, counts in enumerate(confusion.counts)
        for predicted, count in enumerate(counts)
        if count and actual != predicted
    ]
    made.sort(key=lambda mistake: (-mistake.count / mistake.support, -mistake.count))
    return made[:limit]
