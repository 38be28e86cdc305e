"""Table of the ways to write a time that are read: one row each, with its pattern and its meaning."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.times.written import SECOND, microseconds

# Years that a bare number of four or eight digits may begin with; others are counts.
_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_CLOCK = (
    r"(?:(?:[Tt]|, ?| +)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_DAY, _MONTH, _YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<month>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
_WEEKDAY = r"(?:[A-Za-z]{3,9},? +)?"
_NAMED_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"

# What a cell comes to: microseconds since 1970, and whether the cell names its zone; None of a day without a clock.
Reading = tuple[int, bool | None]


@dataclass(frozen=True)
class Spelling:
    """A way to write a time.

    Attributes:
        name: Its own.
        words: What it is, for people.
        read: Cell to its reading; None where it is not written so, or names no time, as 2024-02-30 does.
    """

    name: str
    words: str
    read: Callable[[str], Reading | None]


def _of_parts(pattern: re.Pattern[str], cell: str) -> Reading | None:
    match = pattern.fullmatch(cell)
    if match is None:
        return None
    parts = match.groupdict()
    month = _month_of_name(parts["name"]) if "name" in parts else int(parts["month"])
    hour = None if parts.get("hour") is None else _hour(int(parts["hour"]), parts.get("half"))
    if month is None or (parts.get("hour") is not None and hour is None):
        return None
    try:
        moment = datetime(
            int(parts["year"]),
            month,
            int(parts.get("day") or 1),
            hour or 0,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int((parts.get("fraction") or "0")[:6].ljust(6, "0")),
        )
    except ValueError:
        return None
    if hour is None:
        return microseconds(moment), None
    zone = parts.get("zone")
    return microseconds(moment) - _offset(zone), zone is not None


def _month_of_name(name: str) -> int | None:
    lower = name.lower()
    month = _MONTHS.get(lower[:3])
    if month is None or lower not in (lower[:3], "sept", _MONTH_NAMES[month - 1]):
        return None
    return month


def _hour(hour: int, half: str | None) -> int | None:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half in "Pp" else 0)


def _offset(zone: str | None) -> int:
    """Returns how far ahead of UTC a zone is, in microseconds."""
    if zone is None or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = 3600 * int(digits[:2]) + 60 * int(digits[2:])
    return (-seconds if zone[0] == "-" else seconds) * SECOND


def _compact(cell: str) -> Reading | None:
    reading = _of_parts(_COMPACT, cell)
    return reading if reading is not None and _FIRST_YEAR <= int(cell[:4]) <= _LAST_YEAR else None


def _year(cell: str) -> Reading | None:
    # Tables with missing years have the others as 2019.0.
    cell = cell.removesuffix(".0")
    if len(cell) != 4 or not (cell.isascii() and cell.isdecimal()):
        return None
    year = int(cell)
    return (microseconds(datetime(year, 1, 1)), None) if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _epoch(per_second: int, least: int, below: int, cell: str) -> Reading | None:
    """Reads a number of units since 1970 whose size is in [least, below); finer parts than a microsecond are cut off."""
    match = _NUMBER.fullmatch(cell)
    if match is None or len(cell) > _LONGEST_NUMBER:
        return None
    whole = int(match["whole"])
    if not least <= whole < below:
        return None
    fraction = (match["fraction"] or "")[:9].ljust(9, "0")
    size = (whole * 10**9 + int(fraction)) * SECOND // (per_second * 10**9)
    return (-size if match["sign"] == "-" else size), True


_LONGEST_NUMBER = 40
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?")
_COMPACT = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?:(?P<day>[0-9]{2})"
    r"(?:[Tt ]?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?P<zone>[Zz])?)?)?(?:\.0+)?"
)


def _dated(pattern: str) -> Callable[[str], Reading | None]:
    return partial(_of_parts, re.compile(pattern + _CLOCK))


_ROWS = (
    Spelling(
        "year_first",
        "year, month, day, as ISO 8601 has it (2024-01-31, 2024-01-31T13:05:00Z)",
        _dated(rf"{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}"),
    ),
    Spelling(
        "day_first", "day, month, year (31/01/2024)", _dated(rf"{_DAY}(?P<mark>[-/]){_MONTH}(?P=mark){_YEAR}")
    ),
    Spelling(
        "month_first",
        "month, day, year (01/31/2024)",
        _dated(rf"{_MONTH}(?P<mark>[-/]){_DAY}(?P=mark){_YEAR}"),
    ),
    Spelling("dotted", "day, month, year (31.01.2024)", _dated(rf"{_DAY}\.{_MONTH}\.{_YEAR}")),
    Spelling(
        "day_name",
        "day, name of the month, year (31 Jan 2024)",
        _dated(rf"{_WEEKDAY}{_DAY}[ -]{_NAMED_MONTH}[ -]{_YEAR}"),
    ),
    Spelling(
        "name_day",
        "name of the month, day, year (Jan 31, 2024)",
        _dated(rf"{_WEEKDAY}{_NAMED_MONTH} {_DAY},? {_YEAR}"),
    ),
    Spelling("month", "year and month (2024-01), as its first day", _dated(rf"{_YEAR}[-/]{_MONTH}")),
    Spelling("compact", "digits of year, month, day (20240131, 202401)", _compact),
    Spelling("year", "years (2024), as their first days", _year),
    Spelling("epoch_s", "seconds since 1970", partial(_epoch, 1, 0, 10**11)),
    Spelling("epoch_ms", "milliseconds since 1970", partial(_epoch, 10**3, 10**11, 10**14)),
    Spelling("epoch_us", "microseconds since 1970", partial(_epoch, 10**6, 10**14, 10**17)),
    Spelling("epoch_ns", "nanoseconds since 1970", partial(_epoch, 10**9, 10**17, 2**63)),
)
SPELLINGS: Mapping[str, Spelling] = {row.name: row for row in _ROWS}
