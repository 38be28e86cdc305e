"""Finds the column of the records' times, and whether the data should be split by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from components.stratified_example_gen.label_trend import label_trends
from components.stratified_example_gen.plan_by_time import plan_by_time
from components.stratified_example_gen.plan_reasons import CONTINUES, REPEATED_LATER
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.table_sample import TableSample
from core.canonical_text import clean_cell, spelled
from core.errors import InputError
from core.printable import printable
from core.times.time_rule import NoTimeRule, TimeRule, decide_time_rule
from core.times.written import DAY, SECOND, written_time
from pipeline.proposal.column_profile import name_words
from pipeline.proposal.roles import Roles

# Numbers are times where their column is called so, and nothing else: others may be anything that grows.
_TIME_WORDS = {
    *(
        "time",
        "timestamp",
        "datetime",
        "date",
        "ts",
        "epoch",
        "unix",
        "utc",
        "step",
        "when",
        "day",
        "days",
        "ms",
    ),
    *(
        "created",
        "recorded",
        "measured",
        "at",
        "transaction",
        "trans",
        "tx",
        "event",
        "purchase",
        "order",
        "record",
    ),
}
# Dates that are facts about a record, and not when it came.
_OTHER_DATES = {
    "birth",
    "birthday",
    "born",
    "dob",
    "expiry",
    "expiration",
    "expires",
    "hired",
    "joined",
    "since",
}
_UNIT_WORDS: Mapping[str, Literal["d"]] = {"day": "d", "days": "d"}
_DATES = ("year_first", "day_first", "month_first", "dotted", "day_name", "name_day", "month", "compact")
# Numbers below this, in seconds, count from somewhere else than 1970.
_PLAUSIBLE = 10**9
_NEARLY_ALL = 0.99
_FEWEST_TIMES = 20
# All classes and columns together.
_DRIFT_LEVEL = 0.001
# Of the records, those that other records of their group, or equal ones, may cost a split by time.
_MOST_LEFT_OUT = 0.1


@dataclass(frozen=True)
class TimeColumn:
    """A column of times, and what speaks for splitting by it.

    Attributes:
        name: Of the column.
        unit: What its numbers count, where they are not since 1970.
        why: Why it is named, as a sentence without its full stop.
        is_split_by: Whether the data are to be split by it.
        without_group: Whether that takes doing without the group, whose records come again over all the time.
    """

    name: str
    unit: Literal["d"] | None
    why: str
    is_split_by: bool
    without_group: bool = False


@dataclass(frozen=True)
class _Candidate:
    name: str
    unit: Literal["d"] | None
    rule: TimeRule
    rows: np.ndarray
    times: np.ndarray
    is_ordered: bool
    drift: tuple[str, float, float, float] | None


def find_time(sample: TableSample, roles: Roles, comes_split: bool) -> TimeColumn | None:
    """Looks for a column of times that the file is in the order of, or over which a class's share moves.

    Dates are known by how they are written, numbers by the column's name. A column whose times nearly all follow each
    other in the file is taken first, then one over which a class comes earlier or later than others beyond chance.

    Args:
        sample: The rows that are looked at.
        roles: What the columns are for otherwise; columns that are left out are looked at, too.
        comes_split: Whether the data say themselves what is test.

    Returns:
        The column; None where there is none.
    """
    labels = sample.columns[roles.label.name]
    names = [
        name
        for name in sample.columns
        if name not in (roles.label.name, roles.group, roles.split, roles.image)
    ]
    found = [one for name in names if (one := _candidate(name, sample.columns[name], labels)) is not None]
    found.sort(key=lambda one: (not one.is_ordered, 1.0 if one.drift is None else one.drift[3]))
    bound = _DRIFT_LEVEL / max(len(found), 1)
    for one in found:
        if one.is_ordered or (one.drift is not None and one.drift[3] < bound):
            return _decided(one, bound, sample, roles, comes_split)
    return None


def _candidate(name: str, cells: Sequence[str], labels: Sequence[str]) -> _Candidate | None:
    clean = [clean_cell(cell) for cell in cells]
    present = [cell for cell in clean if cell is not None]
    words = set(name_words(name))
    unit = next((_UNIT_WORDS[word] for word in words if word in _UNIT_WORDS), None)
    if len(present) < _NEARLY_ALL * len(cells) or words & _OTHER_DATES:
        return None
    try:
        rule = decide_time_rule(present)
        if rule.spelling not in _DATES and not words <= _TIME_WORDS:
            return None
        unit = unit if rule.spelling == "epoch_s" else None
        if unit is not None:
            rule = decide_time_rule(present, unit=DAY // SECOND)
    except NoTimeRule:
        return None
    read = [None if cell is None else rule.read(cell) for cell in clean]
    rows = np.array([row for row, time in enumerate(read) if time is not None])
    times = np.array([time for time in read if time is not None], np.int64)
    if len(times) < _NEARLY_ALL * len(cells) or len(np.unique(times)) < _FEWEST_TIMES:
        return None
    is_ordered = _is_ordered(times)
    if not is_ordered and (
        rule.spelling == "year" or (rule.spelling == "epoch_s" and times.max() < _PLAUSIBLE * SECOND)
    ):
        return None
    return _Candidate(name, unit, rule, rows, times, is_ordered, _drift(times, [labels[row] for row in rows]))


def _is_ordered(times: np.ndarray) -> bool:
    """Tells whether nearly all times follow those before them, or nearly none does."""
    steps = np.diff(times)
    return bool((steps >= 0).mean() >= _NEARLY_ALL or (steps <= 0).mean() >= _NEARLY_ALL)


def _drift(times: np.ndarray, labels: list[str]) -> tuple[str, float, float, float] | None:
    """Returns the class that moves most surely, its shares of the first and the last third, and the p-value of all classes."""
    names, index = np.unique(labels, return_inverse=True)
    trends = label_trends(times, index.reshape(-1), len(names))
    surest = int(trends.p_values.argmin())
    p_value = min(1.0, float(trends.p_values[surest]) * len(names))
    return str(names[surest]), float(trends.early[surest]), float(trends.late[surest]), p_value


def _decided(
    one: _Candidate, bound: float, sample: TableSample, roles: Roles, comes_split: bool
) -> TimeColumn:
    spans = f"from {written_time(int(one.times.min()))} to {written_time(int(one.times.max()))}"
    reasons = [f"Times ({one.rule.words}), {spans}"]
    if one.is_ordered:
        reasons.append("the file is in their order")
    if one.drift is not None and one.drift[3] < bound:
        name, early, late, p_value = one.drift
        reasons.append(
            f"the share of {printable(name)} moves from {early:.2%} in the first third to {late:.2%} in the last "
            f"(p = {p_value:.1g})"
        )
    why = "; ".join(reasons)
    if comes_split:
        return TimeColumn(one.name, one.unit, why, is_split_by=False)
    if _splits(one, sample, roles, roles.group):
        return TimeColumn(one.name, one.unit, why, is_split_by=True)
    if roles.group is not None and _splits(one, sample, roles, None):
        return TimeColumn(one.name, one.unit, why, is_split_by=True, without_group=True)
    why += "; split by shares all the same, as a split by time would leave a class, or many records, out"
    return TimeColumn(one.name, one.unit, why, is_split_by=False)


def _splits(one: _Candidate, sample: TableSample, roles: Roles, group: str | None) -> bool:
    """Tells whether the sample can be split by time without losing a class or many records."""
    labels, index = np.unique(
        [sample.columns[roles.label.name][row] for row in one.rows], return_inverse=True
    )
    groups = None if group is None else _numbered([sample.columns[group][row] for row in one.rows])
    features = [name for name in (*roles.numeric, *roles.categorical, *roles.slips) if name != one.name]
    columns = [sample.columns[name] for name in features]
    contents = (
        np.arange(len(one.rows))  # Pictures tell records apart.
        if roles.image is not None
        else _numbered(["\0".join(spelled(column[row].strip()) for column in columns) for row in one.rows])
    )
    digests = np.stack([contents, contents], axis=1).astype(np.uint64)
    settings = DataSettings.model_validate(
        {
            "format": "csv",
            "path": "sample",
            "time": one.name,
            "splits": {"time": {}},
            "label": roles.label.name,
        }
    )
    try:
        plan = plan_by_time(list(labels), index.reshape(-1), digests, one.times, settings, groups)
    except InputError:
        return False
    lost = np.isin(plan.why_left_out, (CONTINUES, REPEATED_LATER)).mean()
    return bool(lost <= _MOST_LEFT_OUT)


def _numbered(values: list[str]) -> np.ndarray:
    numbers: np.ndarray = np.unique(values, return_inverse=True)[1].reshape(-1)
    return numbers
