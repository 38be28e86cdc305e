"""Profiles a column of a sample."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from components.stratified_example_gen.columns import Tally, column_roles
from core.canonical_text import clean_text
from core.errors import InputError
from core.missing import is_missing

# The words of customerId, CUSTOMER_ID and "customer id" alike.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_STEADY_SHARE = 0.95
_MOST_DIGITS = 18  # Of a whole number; Python refuses to read one of some thousands.


@dataclass(frozen=True)
class ColumnProfile:
    """A column of a sample.

    Attributes:
        name: As in the header.
        counts: Value to number of cells, without the missing ones.
        tally: What the cells hold, as the pipeline sees it.
        num_blank: Cells without any text; they are no label.
        counts_up: Whether nearly every cell is one more than the cell before it.
    """

    name: str
    counts: Counter[str]
    tally: Tally
    num_blank: int
    counts_up: bool

    @property
    def num_values(self) -> int:
        return len(self.counts)

    @property
    def num_present(self) -> int:
        return self.tally.present

    @property
    def is_numeric(self) -> bool:
        """Whether the pipeline takes it for numbers."""
        return self.tally.is_numeric

    @property
    def is_integer(self) -> bool:
        return self.is_numeric and self.tally.numbers == 0

    @property
    def has_slips(self) -> bool:
        """Whether it holds numbers but for a few cells, which the pipeline refuses to decide about."""
        try:
            column_roles({self.name: self.tally}, "auto", "auto")
        except InputError:
            return True
        return False

    @property
    def words(self) -> list[str]:
        """The words of its name, in lower case."""
        return name_words(self.name)


def name_words(name: str) -> list[str]:
    """Returns the words of a column's name, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def profile_column(name: str, cells: tuple[str, ...]) -> ColumnProfile:
    """Counts what a column's cells hold."""
    values = Counter(cells)
    may_count_up = len(values) == len(cells) and all(
        cell.isdecimal() and len(cell) <= _MOST_DIGITS for cell in values
    )
    return profile_values(name, values, may_count_up and _counts_up(cells))


def profile_values(name: str, values: Counter[str], counts_up: bool = False) -> ColumnProfile:
    """Makes a profile from the number of cells with each text.

    Every text is looked at once, which is what makes a second enough for a million cells.
    """
    counts: Counter[str] = Counter()
    missing, num_blank = 0, 0
    by_count: defaultdict[int, Tally] = defaultdict(Tally)  # of the values that so many cells have
    for cell, count in values.items():
        value = clean_text(cell)
        if is_missing(value):
            missing += count
            num_blank += 0 if value else count
        else:
            counts[value] += count
            by_count[count].add(name, value)
    tally = Tally(missing)
    for count, one in by_count.items():
        tally = tally.merge(one.times(count))
    return ColumnProfile(name, counts, tally, num_blank, counts_up)


def _counts_up(cells: tuple[str, ...]) -> bool:
    values = [int(cell) for cell in cells]
    steps = sum(after - before == 1 for before, after in pairwise(values))
    return len(values) > 1 and steps >= _STEADY_SHARE * (len(values) - 1)
