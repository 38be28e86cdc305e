"""Infers the delimiter of a CSV table, on which its header and its first rows agree."""

import re
from collections.abc import Mapping, Sequence

SEPARATORS = ",;\t|"
_NAMES = {"\t": "tabs"}
_LEAST_AGREEMENT = 0.5  # Of the rows with a header of several cells.
# A comma within a number, as in 1,5, or in front of a space, as in "Length, mm", is no sign of a separator, nor is
# one at the end of a cell.
_SIGNS = {
    ",": re.compile(r"(?<![0-9]),(?!\s|$)|(?<=[0-9]),(?![0-9\s]|$)"),
    ";": re.compile(r";(?!\s|$)"),
    "\t": re.compile(r"\t"),
    "|": re.compile(r"\|(?!\s|$)"),
}

Rows = Sequence[Sequence[str]]


def choose_separator(rows_by_separator: Mapping[str, Rows]) -> str:
    """Chooses the separator under which the header and the rows have the same number of cells.

    Of those that give the header several cells, the one with the best product of two shares is taken: that of the
    rows with as many cells as the header, and that of the cells which hold no sign of another separator. So is
    `Length, mm;Width, mm;Class` over `1,5;2,5;good` told from three columns set apart by commas, which it also is.
    Equally good ones are ranked by the number of cells, and then as in `SEPARATORS`.

    Where most rows disagree with it, a header is taken for a single cell if its commas may be prose, as those of
    `Weight, kg` over `12`; then, and where no separator divides the header, the separator is one that divides no row
    either, so that `1,5` can be a number.

    Args:
        rows_by_separator: Separator to the header and the first rows as they read under it, blank ones left out;
            a separator under which the header cannot be read may be missing.
    """
    by_rank = [mark for mark in SEPARATORS if mark in rows_by_separator]
    several = [mark for mark in by_rank if len(rows_by_separator[mark][0]) > 1]
    single = [mark for mark in by_rank if mark not in several]

    def rank(mark: str) -> tuple[float, int]:
        rows = rows_by_separator[mark]
        return _agreement(rows) * _clean_share(mark, rows), len(rows[0])

    best = max(several, key=rank, default=None)
    if best is not None and _agreement(rows_by_separator[best]) < _LEAST_AGREEMENT:
        prose = [mark for mark in single if _clean_share(mark, rows_by_separator[mark][:1]) == 1]
        best = max(prose, key=lambda mark: _agreement(rows_by_separator[mark]), default=best)
    return best or max(single, key=lambda mark: _agreement(rows_by_separator[mark]))


def other_separator(chosen: str, rows_by_separator: Mapping[str, Rows]) -> str | None:
    """Finds the separator of the rows where it is not that of the header; None where they agree."""
    if _agreement(rows_by_separator[chosen]) > 0:
        return None
    for mark, (_, *rows) in rows_by_separator.items():
        widths = {len(row) for row in rows}
        if mark != chosen and widths == {len(rows_by_separator[chosen][0])} != {1}:
            return mark
    return None


def named(separator: str) -> str:
    """Names a separator for people."""
    return _NAMES.get(separator, repr(separator))


def _agreement(rows: Rows) -> float:
    """Returns the share of rows with as many cells as the header; 1 where there are none."""
    header, *others = rows
    return sum(len(row) == len(header) for row in others) / len(others) if others else 1.0


def _clean_share(separator: str, rows: Rows) -> float:
    """Returns the share of cells without a sign of another separator."""
    signs = [sign for mark, sign in _SIGNS.items() if mark != separator]
    cells = [cell for row in rows for cell in row]
    return sum(not any(sign.search(cell) for sign in signs) for cell in cells) / max(1, len(cells))
