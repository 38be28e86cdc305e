"""Checks that groups, duplicates and near duplicates stand in one split."""

import numpy as np

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding


def crossing_sets(ids: np.ndarray, splits: np.ndarray) -> list[np.ndarray]:
    """Finds the records that share an id across splits.

    Args:
        ids: uint64 `(records, words)`, equal for records that belong together.
        splits: int `(records,)`, index of the split.

    Returns:
        For each id that stands in more than one split, the rows of its records, ascending.
    """
    if not len(ids):
        return []
    rows = np.lexsort((np.arange(len(ids)), *ids.T))
    fresh = np.concatenate([[True], (ids[rows[1:]] != ids[rows[:-1]]).any(axis=1)])
    starts = np.flatnonzero(fresh)
    lowest = np.minimum.reduceat(splits[rows], starts)
    highest = np.maximum.reduceat(splits[rows], starts)
    ends = np.append(starts[1:], len(rows))
    return [rows[starts[place] : ends[place]] for place in np.flatnonzero(lowest != highest)]


def check_records(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A content, whatever its class, or a record's key that stands in several splits: hard."""
    findings = []
    if facts.contents.count:
        found = facts.contents
        findings.append(
            Finding(
                "records_in_one_split",
                "hard",
                "duplicates",
                found.count,
                0,
                f"{found.count:,} content{' stands' if found.count == 1 else 's stand'} in several splits, in "
                f"{found.records:,} records: {'; '.join(found.shown)}.",
                "A model that has seen a test record in training is not tested by it. Equal numbers may be written "
                "differently in the data (1 and 1.0): write them alike, or remove the copies.",
            )
        )
    if facts.keys.count:
        found = facts.keys
        findings.append(
            Finding(
                "records_in_one_split",
                "hard",
                "record keys",
                found.count,
                0,
                f"{found.count:,} record key{' stands' if found.count == 1 else 's stand'} in several splits: "
                f"{'; '.join(found.shown)}.",
                "Give every record one place: name files of different splits differently.",
            )
        )
    return findings


def check_given_copies(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """Copies in data that came split: soft, because they were resolved before anything was trained."""
    if not facts.splits_given or not facts.given_copies:
        return []
    many = facts.given_copies
    return [
        Finding(
            "given_copies",
            "soft",
            "duplicates",
            many,
            0,
            f"{many:,} record{' repeats' if many == 1 else 's repeat'} another's content and class in data that came "
            "split. Copies in several splits were kept in the most held-out one alone.",
            "See the dropped records in splits.csv, and remove the copies from the data.",
        )
    ]


def check_groups(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A group (`data.group`) whose records stand in several splits: hard."""
    found = facts.groups
    if not found.count:
        return []
    return [
        Finding(
            "groups_in_one_split",
            "hard",
            "groups",
            found.count,
            0,
            f"{found.count:,} group{' stands' if found.count == 1 else 's stand'} in several splits: "
            f"{'; '.join(found.shown)}.",
            "A group must stay in one split: move its records, or let the records be split by shares.",
        )
    ]
