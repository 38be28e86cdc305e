"""Infers what comma and point mean in a CSV table's numbers: decimal mark, or groups of digits.

`1,234` alone may be 1234 or 1.234. A column's other cells tell: `12,5` and `0,123` have a decimal comma, `1,234,567` and
`1,234.5` have groups. Where none does, the table's other columns tell, and at last what sets its cells apart: beside
commas that do, one inside a number makes groups; else it is the decimal mark, as spreadsheets write where that is so.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.stratified_example_gen.number_spelling import plain_number
from components.stratified_example_gen.table import open_bytes
from core.errors import InputError

# How the numbers of a column are written: groups by commas and a decimal point; groups by points and a decimal comma; or a
# decimal comma and, elsewhere, a decimal point.
Mark = Literal["point", "comma", "either"]

_BYTES = 8 * 2**20  # Of all files of a table.
_FEWEST_BYTES = 2**16
_MANY = 10
_SIGN, _POWER = "[+-]?", "([eE][+-]?[0-9]+)?"


def _evidence(decimal: str, group: str) -> dict[str, re.Pattern[str]]:
    """Returns the patterns of numbers that prove what the marks mean, and of those that may have either."""
    three = f"(?:{group}[0-9]{{3}})"
    own = f"(?:{decimal}[0-9]{{3}})"
    return {
        "decimal": re.compile(
            f"{_SIGN}(?:[0-9]+{decimal}(?:[0-9]{{1,2}}|[0-9]{{4,}})|(?:0[0-9]*|[0-9]{{4,}}|){decimal}[0-9]+"
            f"|[1-9][0-9]{{0,2}}{three}+{decimal}[0-9]+|[0-9]+{decimal}[0-9]+[eE][+-]?[0-9]+)"
            f"{_POWER}"
        ),
        "groups": re.compile(f"{_SIGN}[1-9][0-9]{{0,2}}(?:{own}{{2,}}(?:{group}[0-9]*)?|{own}{group}[0-9]+)"),
        "unclear": re.compile(f"{_SIGN}[1-9][0-9]{{0,2}}{own}"),
    }


_COMMA, _POINT = _evidence(",", r"\."), _evidence(r"\.", ",")
_WITH_COMMA = re.compile(rf"{_SIGN}(?:[0-9]+|[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+)?(?:,[0-9]+)?{_POWER}")
_DECIMAL_COMMA = re.compile(rf"{_SIGN}(?:[0-9]+|[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+),[0-9]+{_POWER}")
# Without any of these nothing is to be found out.
_MAY_TELL = {
    True: re.compile(rb"[0-9]\.[0-9]{3}[.,][0-9]"),
    False: re.compile(rb"[0-9],[0-9]|[0-9]\.[0-9]{3}\.[0-9]"),
}


@dataclass
class Evidence:
    """Cells of a column that tell, or leave open, what its marks mean: the first of each kind.

    Attributes:
        comma: `decimal`, `groups` or `unclear` to a cell.
        point: Likewise.
        num_unclear: Number of cells such as `1,234`.
        has_short: Whether there are whole numbers below 1000.
        has_long: Whether there are greater ones without a mark.
    """

    comma: dict[str, str] = field(default_factory=dict)
    point: dict[str, str] = field(default_factory=dict)
    num_unclear: int = 0
    has_short: bool = False
    has_long: bool = False

    @property
    def has_groups_by_their_looks(self) -> bool:
        """Whether numbers are grouped from 1000 on: decimals would now and then have another number of digits."""
        return self.num_unclear >= _MANY and self.has_short and not self.has_long

    def add(self, cell: str) -> None:
        if "," not in cell and "." not in cell:
            if cell.isdecimal():
                self.has_short = self.has_short or len(cell) <= 3
                self.has_long = self.has_long or len(cell) > 3
            return
        cell = cell.strip()
        if _COMMA["unclear"].fullmatch(cell):
            self.num_unclear += 1
            self.comma.setdefault("unclear", cell)
            return
        for mark, patterns, found in ((",", _COMMA, self.comma), (".", _POINT, self.point)):
            if mark in cell:
                for kind, pattern in patterns.items():
                    if kind not in found and pattern.fullmatch(cell):
                        found[kind] = cell


def column_marks(evidence: Mapping[str, Evidence], delimiter: str, refuse: bool = True) -> dict[str, Mark]:
    """Decides what comma and point mean in each column.

    Args:
        evidence: Column to its cells that tell.
        delimiter: What sets the table's cells apart.
        refuse: Whether a column with both meanings, and numbers that may have either, is refused; else it is left as it is.

    Raises:
        InputError: There is such a column.
    """
    commas = [one.comma for one in evidence.values()]
    points = [one.point for one in evidence.values()]
    table_has_groups = not any("decimal" in one for one in commas) and (
        delimiter == "," or any("groups" in one for one in commas) or any("decimal" in one for one in points)
    )
    marks: dict[str, Mark] = {}
    for name, one in evidence.items():
        contradiction = _contradiction(one, delimiter)
        if contradiction is None:
            marks[name] = _mark(one, delimiter, table_has_groups)
        elif refuse:
            raise _refusal(name, *contradiction)
        else:
            marks[name] = "point"
    return marks


def _contradiction(evidence: Evidence, delimiter: str) -> tuple[str, str] | None:
    """Returns a number with a decimal mark and one with the same mark between groups; None without such two."""
    comma, point = evidence.comma, evidence.point
    if delimiter == ",":
        # There, what is not grouped by commas is text.
        return None
    if "decimal" in comma and "groups" in comma:
        return comma["decimal"], comma["groups"]
    if "decimal" in comma and {"decimal", "groups", "unclear"} <= point.keys():
        return point["decimal"], point["groups"]
    return None


def _mark(evidence: Evidence, delimiter: str, table_has_groups: bool) -> Mark:
    comma, point = evidence.comma, evidence.point
    has_point_groups = "groups" in point and "decimal" not in point
    if has_point_groups and "groups" not in comma:
        return "comma"
    if (
        delimiter == ","
        or "groups" in comma
        or ("decimal" not in comma and evidence.has_groups_by_their_looks)
    ):
        # In such a table `1,5` is text, which is said, and not taken for half a list of two.
        return "point"
    if "decimal" in comma:
        return "either"
    if evidence.has_long:
        return "either"
    return "point" if "decimal" in point or table_has_groups else "either"


def _refusal(name: str, decimal: str, groups: str) -> InputError:
    return InputError(
        f"Column {name!r} holds {decimal!r} and {groups!r}: a mark cannot be the decimal mark in one and set groups of "
        "digits apart in the other. Write the numbers in one way, best as in 1234.5."
    )


def to_point(cell: str, mark: Mark) -> str:
    """Writes a number with a decimal point, and without points between groups; leaves every other cell as it is.

    Example: by "comma", `1.234,5` and `12.345` become `1234.5` and `12345`; by "either", `1,234` and `1.234,5` become
    `1.234` and `1234.5`, and `1.5` stays.

    Raises:
        ValueError: By "either", a cell has groups set apart by commas.
    """
    if mark == "point":
        return cell
    stripped = cell.strip()
    if mark == "either":
        if "," not in cell:
            return cell
        if _COMMA["groups"].fullmatch(stripped):
            raise ValueError(
                "commas set groups of digits apart, where they are decimal marks in the table's first rows"
            )
        pattern = _DECIMAL_COMMA
    else:
        pattern = _WITH_COMMA
    return stripped.replace(".", "").replace(",", ".") if pattern.fullmatch(stripped) else cell


def unclear_notes(evidence: Mapping[str, Evidence], marks: Mapping[str, Mark]) -> dict[str, str]:
    """Says how numbers such as `1,234` are read in each column where no cell tells."""
    notes = {}
    for name, one in evidence.items():
        if "unclear" in one.comma and not (
            {"decimal", "groups"} & one.comma.keys() or one.has_groups_by_their_looks
        ):
            cell = one.comma["unclear"]
            read = plain_number(to_point(cell, marks[name]))
            notes[name] = (
                f"Column {name!r}: {cell!r} is read as {read}, by the table's other columns or by what sets its cells apart; "
                "the column itself does not tell."
            )
    return notes


def column_evidence(
    files: Mapping[str, int], columns: tuple[str, ...], delimiter: str
) -> dict[str, Evidence]:
    """Gathers what tells of the marks in the columns of CSV files that have the same.

    Args:
        files: Path to the offset of the first byte under the header. The first bytes of each are looked at.
        columns: The headers' names.
        delimiter: What sets cells apart.
    """
    evidence = {name: Evidence() for name in columns}
    for path, body in files.items():
        with open_bytes(path) as handle:
            handle.seek(body)
            head = handle.read(max(_FEWEST_BYTES, _BYTES // len(files)))
        if not _MAY_TELL[delimiter == ","].search(head):
            continue
        for row in _rows(head.decode(errors="replace"), delimiter):
            if len(row) == len(columns):
                for name, cell in zip(columns, row, strict=True):
                    evidence[name].add(cell)
    return evidence


def _rows(text: str, delimiter: str) -> Iterable[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield from reader
            return
        except csv.Error:
            continue
