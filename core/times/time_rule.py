"""Decides how the times of a column are read: one rule for all its cells, from all of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.times.spellings import SPELLINGS, Reading
from core.times.written import DAY, SECOND

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
# Of a column's numbers, the share that must be years or dates, so that the others are slips.
_ALMOST_ALL = 0.95
_MOSTLY = 0.5
_NUMERALS = ("year", "compact")
_EPOCHS = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
_EITHER_WAY = ("day_first", "month_first")
_SHOWN = 3
_TOO_FAR = 2**62  # Microseconds, so that differences fit int64.
_UNITS = {60: "minutes", 3600: "hours", 86_400: "days"}


class NoTimeRule(ValueError):
    """Says why no one rule reads a column's times, as a sentence without its subject."""


@dataclass(frozen=True)
class TimeRule:
    """How the times of a column are read.

    Attributes:
        spelling: Name of the spelling, see SPELLINGS.
        is_zoned: Whether cells name their zone; they are read as UTC where they do not.
        is_of_days: Whether no cell has a clock.
        unit: What a number counts, in seconds; 1 of all but `epoch_s`.
    """

    spelling: str
    is_zoned: bool
    is_of_days: bool
    unit: int = 1

    def read(self, cell: str) -> int | None:
        """Returns the microseconds from 1970 in UTC to a time; None where the cell is not written by the rule."""
        reading = SPELLINGS[self.spelling].read(cell.strip())
        if reading is None or abs(time := reading[0] * self.unit) >= _TOO_FAR:
            return None
        return time

    @property
    def words(self) -> str:
        """The rule for people, as in `seconds since 1970`."""
        if self.unit != 1:
            return f"{_UNITS[self.unit]} since 1970"
        words = SPELLINGS[self.spelling].words
        if self.spelling in _EPOCHS:
            return words
        zone = (
            "without a clock"
            if self.is_of_days
            else "in the zones they name"
            if self.is_zoned
            else "taken as UTC"
        )
        return f"{words}, {zone}"


@dataclass
class TimeEvidence:
    """What a column's cells may be as times.

    Attributes:
        cells: Number of cells that hold something.
        counts: Spelling to the number of cells it reads.
        zoned: Spelling to the number of these that name a zone.
        unzoned: Spelling to the number of these with a clock and no zone.
        examples: Spelling to the first cell that it alone reads.
        odd: The first cells that nothing reads.
        off_midnight: Spellings by which some cell is no midnight.
    """

    cells: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    zoned: dict[str, int] = field(default_factory=dict)
    unzoned: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    off_midnight: set[str] = field(default_factory=set)

    def add(self, cell: str) -> None:
        cell = cell.strip()
        self.cells += 1
        found: dict[str, Reading] = {}
        for name in _candidates(cell):
            reading = SPELLINGS[name].read(cell)
            if reading is not None:
                found[name] = reading
        for name, reading in found.items():
            self._count(name, reading)
        if len(found) == 1:
            self.examples.setdefault(next(iter(found)), cell)
        elif not found and len(self.odd) < _SHOWN and cell not in self.odd:
            self.odd.append(cell)

    def _count(self, name: str, reading: Reading) -> None:
        time, is_zoned = reading
        self.counts[name] = self.counts.get(name, 0) + 1
        if is_zoned is not None:
            of = self.zoned if is_zoned else self.unzoned
            of[name] = of.get(name, 0) + 1
        if time % DAY:
            self.off_midnight.add(name)


def decide_time_rule(
    cells: Iterable[str], day_first: bool | None = None, unit: int | None = None
) -> TimeRule:
    """Decides by which rule the most of a column's cells are times.

    Numbers are years or dates where nearly all of them can be; else units since 1970, by their size: seconds below
    1e11, milliseconds below 1e14, microseconds below 1e17, nanoseconds beyond. Days and months with a slash or a
    hyphen between them are told apart by those above 12.

    Args:
        cells: Text of the cells that hold something.
        day_first: Whether the day stands before the month where that is open; None asks for it.
        unit: What the cells count, in seconds; None finds out what they are.

    Raises:
        NoTimeRule: No rule reads half of the cells, several do, or some cells name their zone and others do not.
    """
    evidence = TimeEvidence()
    for cell in cells:
        evidence.add(cell)
    if not evidence.cells:
        raise NoTimeRule("holds no value at all")
    name = _spelling(evidence, day_first) if unit is None else "epoch_s"
    if evidence.counts.get(name, 0) < _MOSTLY * evidence.cells:
        others = [cell for other, cell in evidence.examples.items() if other != name]
        odd = ", ".join(map(repr, [*evidence.odd, *others][:_SHOWN]))
        raise NoTimeRule(
            f"holds times in {evidence.counts.get(name, 0):,} of {evidence.cells:,} cells by the rule that "
            f"reads most; others are {odd}. Write times as 2024-01-31 13:05:00, or as seconds since 1970"
        )
    zoned, unzoned = evidence.zoned.get(name, 0), evidence.unzoned.get(name, 0)
    if zoned and unzoned:
        raise NoTimeRule(
            f"names a zone in {zoned:,} cells and none in {unzoned:,}: these may be hours apart from what they seem. "
            "Give all of them their zone, or none"
        )
    if unit is not None:
        return TimeRule(name, True, unit == DAY // SECOND, unit)
    return TimeRule(name, zoned > 0, not (zoned or unzoned) and name not in evidence.off_midnight)


def _spelling(evidence: TimeEvidence, day_first: bool | None) -> str:
    counts = evidence.counts
    numbers = sum(counts.get(name, 0) for name in _EPOCHS)
    for name in _NUMERALS:
        if counts.get(name, 0) >= _ALMOST_ALL * max(numbers, 1):
            break
    else:
        name = max(_EPOCHS, key=lambda one: counts.get(one, 0))
    others = [one for one in counts if one not in (*_EPOCHS, *_NUMERALS, *_EITHER_WAY)]
    best = max([name, *others], key=lambda one: counts.get(one, 0))
    either = max(counts.get(one, 0) for one in _EITHER_WAY)
    return best if counts.get(best, 0) >= either else _of_either_way(evidence, day_first)


def _of_either_way(evidence: TimeEvidence, day_first: bool | None) -> str:
    if day_first is not None:
        return "day_first" if day_first else "month_first"
    days, months = (evidence.counts.get(name, 0) for name in _EITHER_WAY)
    if days == months:
        first = evidence.examples
        if first.get("day_first") and first.get("month_first"):
            raise NoTimeRule(_mixed(first))
        raise NoTimeRule(
            "leaves open which number is the day and which the month: none is above 12. Set data.day_first to true or "
            "false, or write dates as 2024-01-31"
        )
    name = "day_first" if days > months else "month_first"
    other = _EITHER_WAY[1 - _EITHER_WAY.index(name)]
    # Those that the other rule alone reads are slips where they are few.
    if other in evidence.examples and evidence.counts[name] < _ALMOST_ALL * evidence.cells:
        raise NoTimeRule(_mixed(evidence.examples))
    return name


def _mixed(examples: dict[str, str]) -> str:
    return (
        f"holds {examples['day_first']!r}, where the day stands first, and {examples['month_first']!r}, where the month "
        "does: no one rule reads both. Write dates as 2024-01-31"
    )


def _candidates(cell: str) -> tuple[str, ...]:
    """Returns the spellings that a cell may have, by its first characters: to try all takes twice as long."""
    if _NUMBER.fullmatch(cell):
        return (*_NUMERALS, *_EPOCHS)
    if cell[4:5] in ("-", "/", "."):
        return ("year_first", "month")
    if cell[:1].isalpha():
        return ("day_name", "name_day")
    return ("day_first", "month_first", "dotted", "day_name", "compact")
