"""Accounts for the data: what was found, what is used, and what is left out and why, class by class."""

from collections.abc import Sequence

import numpy as np

from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.plan_reasons import CONTINUES, DUPLICATE, IN_GAP, REPEATED_LATER
from components.stratified_example_gen.records import BadRecord, LeftOut
from core.canonical_text import clean_text
from core.documents.split_summary import Account, RecordCounts
from core.splitting import DROPPED

LISTED = 1000


def account(
    classes: Sequence[str],
    labels: np.ndarray,
    plan: Plan,
    bad: Sequence[BadRecord],
    left_out: Sequence[LeftOut],
) -> Account:
    """Counts the records, so that found is the sum of what is used and what is left out, in all and in every class.

    Args:
        classes: Names of the classes.
        labels: int `(records,)`, index into `classes`, of the records that can be used.
        plan: Where these go.
        bad: The records that cannot be used.
        left_out: What is no record at all.
    """
    known = {name: place for place, name in enumerate(classes)}
    removed = [record for record in bad if record.is_removed]
    bad = [record for record in bad if not record.is_removed]
    own_removed = [known[name] for one in removed if (name := clean_text(one.label or "")) in known]
    bad_names = [clean_text(record.label) for record in bad if record.label is not None]
    own_bad = [known[name] for name in bad_names if name in known]
    size = len(classes)
    columns = {
        "used": np.bincount(labels[plan.splits != DROPPED], minlength=size),
        "duplicates": np.bincount(
            labels[np.isin(plan.why_left_out, (DUPLICATE, REPEATED_LATER))], minlength=size
        ),
        "bad": np.bincount(np.array(own_bad, np.int64), minlength=size),
        "repeats": np.bincount(labels[plan.repeats], minlength=size),
        "moved": np.bincount(labels[plan.moved], minlength=size),
    }
    if plan.borders is not None:
        columns["in_gap"] = np.bincount(labels[plan.why_left_out == IN_GAP], minlength=size)
        columns["continuing"] = np.bincount(labels[plan.why_left_out == CONTINUES], minlength=size)
    if removed:
        columns["removed"] = np.bincount(np.array(own_removed, np.int64), minlength=size)
    by_class = {
        name: {key: int(counts[place]) for key, counts in columns.items()} for name, place in known.items()
    }
    # A class of which nothing can be read is lost as a whole, and named all the same.
    for name in bad_names:
        if name not in known:
            lost = by_class.setdefault(name, dict.fromkeys(columns, 0))
            lost["bad"] += 1
    total = {key: int(counts.sum()) for key, counts in columns.items()} | {"bad": len(bad)}
    if removed:
        total["removed"] = len(removed)
    ordered = sorted(by_class.items(), key=lambda item: (-_found(item[1]), item[0]))
    return Account(
        records=RecordCounts(found=_found(total), **total),
        classes={name: RecordCounts(found=_found(counts), **counts) for name, counts in ordered},
        bad_without_class=len(bad) - len(bad_names),
        files=len(left_out),
    )


def _found(counts: dict[str, int]) -> int:
    return sum(counts.get(key, 0) for key in ("used", "duplicates", "bad", "in_gap", "continuing", "removed"))
