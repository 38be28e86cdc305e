"""Reviews a finished run: lists what a person should look at next, and writes the page and the table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from components.html_report.records.find_records import find_records, first_bytes, values_of
from components.html_report.records.pictures import data_uri
from components.review.doubtful_labels import doubtful_labels
from components.review.item import Item
from components.review.page import render_review, review_table
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.features import BOOKKEEPING, RECORD_KEY
from pipeline.output.atomic_files import write_atomically
from pipeline.review.answered_splits import OUT_OF_FOLD, AnsweredSplits, answer_splits, split_shards
from pipeline.review.finished_run import FinishedRun

_COLUMNS_SHOWN = 12
_SIDE = 160


@dataclass(frozen=True)
class Reviewed:
    """What a review came to.

    Attributes:
        items: What to look at, in order.
        notes: Sentences on what was looked at, and what was not.
    """

    items: list[Item]
    notes: list[str]


def review_run(run: FinishedRun, most: int, page: str, table: str) -> Reviewed:
    """Writes the page and the table.

    Args:
        run: The run.
        most: Number of records wanted.
        page: The HTML file.
        table: The CSV file.
    """
    data = DataSettings.model_validate(run.experiment["data"])
    answered = answer_splits(run)
    items = doubtful_labels(
        answered.keys,
        answered.classes,
        answered.labels,
        [SPLITS[place] for place in answered.splits],
        answered.probabilities,
        answered.sources,
        answered.embeddings,
        answered.contents,
        answered.hashes,
        most,
    )
    notes = _notes(answered)
    items = _with_content(items, split_shards(run.examples), data)
    text = render_review(run.experiment["name"], items, answered.classes, notes, os.path.basename(table))
    write_atomically(text.encode("utf-8", errors="backslashreplace"), page)
    write_atomically(review_table(items).encode("utf-8", errors="backslashreplace"), table)
    return Reviewed(items, notes)


def _notes(answered: AnsweredSplits) -> list[str]:
    """Says which records could be judged."""
    by_folds, unjudged = int((answered.sources == OUT_OF_FOLD).sum()), int((answered.sources < 0).sum())
    held_out = len(answered.keys) - by_folds - unjudged
    notes = []
    if by_folds:
        notes.append(
            f"{by_folds:,} records of train and eval are judged by the network of the fold that was not trained on them, "
            f"{held_out:,} others by the model that decides."
        )
    else:
        notes.append(f"{held_out:,} records of eval and test are judged by the model that decides.")
    if unjudged:
        notes.append(
            f"{unjudged:,} records of train are not judged, as every network was trained on them; of these, only what "
            "another record contradicts is listed. Set training.folds to 5 to have all of them judged."
        )
    return notes


def _with_content(items: Sequence[Item], shards: list[str], data: DataSettings) -> list[Item]:
    """Adds pictures and cells."""
    examples = find_records(shards, RECORD_KEY, {one.key.encode() for one in items})
    return [_shown(one, examples[one.key.encode()], data) for one in items]


def _shown(item: Item, example: bytes, data: DataSettings) -> Item:
    image = data.image_feature
    values = values_of(example, without=(data.label, image or data.label, *BOOKKEEPING))
    return replace(
        item,
        picture=None if image is None else data_uri(first_bytes(example, image), _SIDE),
        values=dict(list(values.items())[:_COLUMNS_SHOWN]),
    )
