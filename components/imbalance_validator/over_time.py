"""Checks on the records' times: that splits by time are in order, and how the classes move."""

from itertools import pairwise

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding
from core.times.duration import written_duration
from core.times.written import written_time

_IN_ORDER = ("train", "eval", "test")
_TRENDS_SHOWN = 10


def check_later_records(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A record of a split by time that is not earlier than all of the next split, less the gap: hard.

    The times are those in the shards, not those that the splitter went by.
    """
    if facts.time_gap is None:
        return []
    findings = []
    for before, after in pairwise(name for name in _IN_ORDER if name in facts.time_spans):
        latest, earliest = facts.time_spans[before][1], facts.time_spans[after][0]
        if latest < earliest - facts.time_gap:
            continue
        gap = f" less the gap of {written_duration(facts.time_gap)}" if facts.time_gap else ""
        findings.append(
            Finding(
                "later_records",
                "hard",
                before,
                float(latest - earliest),
                float(-facts.time_gap),
                f"Split {before} reaches to {written_time(latest)}, and {after} begins at {written_time(earliest)}: all of "
                f"{before} must lie before {after}{gap}.",
                "A model that has learnt of later records is not judged as it will be used. Split the data anew.",
            )
        )
    return findings


def check_trends(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A class whose share moves with the time beyond chance.

    Where the splits are by time it is a note, as that is how the data are; where they mix the times it is soft, as the
    scores do not tell of later records.
    """
    if facts.over_time is None:
        return []
    findings = []
    for name in facts.over_time.moved_classes()[:_TRENDS_SHOWN]:
        trend = facts.over_time.trends[name]
        advice = (
            ""
            if facts.time_gap is not None
            else "Splits that mix the times do not show how a model does on later records: see data.splits.time."
        )
        findings.append(
            Finding(
                "drift_over_time",
                "soft" if facts.time_gap is None else "note",
                name,
                abs(trend.late - trend.early),
                None,
                f"Class {name!r} makes up {trend.early:.2%} of the first third of the records and {trend.late:.2%} of the "
                f"last, more than chance explains (p = {trend.p_value:.2g}).",
                advice,
            )
        )
    return findings
