"""Counts what corrections changed."""

from collections import Counter
from collections.abc import Sequence

from components.stratified_example_gen.account import LISTED
from components.stratified_example_gen.index import Index
from core.canonical_text import clean_text
from core.documents.split_summary import AppliedCorrections, CorrectedRecord


def corrections_summary(indexes: Sequence[Index], file: str) -> AppliedCorrections:
    """Counts the records by what a person said of them.

    Args:
        indexes: The chunks' indexes.
        file: Name of the file of corrections.
    """
    looked_at = [
        CorrectedRecord(key=key, was=clean_text(was), label=clean_text(label))
        for index in indexes
        for key, was, label in index.corrected
    ]
    removed = [
        CorrectedRecord(key=record.key, was=clean_text(record.label or ""), label="")
        for index in indexes
        for record in index.bad
        if record.is_removed
    ]
    changed = [one for one in looked_at if one.label != one.was]
    kinds = Counter((one.was, one.label) for one in changed)
    return AppliedCorrections(
        file=file,
        relabelled=len(changed),
        left_out=len(removed),
        confirmed=len(looked_at) - len(changed),
        changes={
            was: {label: count for (other, label), count in sorted(kinds.items()) if other == was}
            for was in sorted({one.was for one in changed})
        },
        shown=tuple((changed + removed)[:LISTED]),
    )
