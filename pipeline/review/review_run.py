"""Reviews a finished run: lists what a person should look at next, and writes the page and the table."""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf
from tfx.utils import path_utils

from components.html_report.records.find_records import find_records, first_bytes, values_of
from components.html_report.records.pictures import data_uri
from components.review.doubtful_labels import doubtful_labels
from components.review.item import Item
from components.review.new_records import records_to_label
from components.review.page import render_review, review_table
from components.review.unlike_training import unlike_training
from components.stratified_example_gen.corrections.corrections_file import read_corrections
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.documents.decision import Decision
from core.features import BOOKKEEPING, RECORD_KEY
from pipeline.output.atomic_files import write_atomically
from pipeline.review.answered_new_records import (
    AnsweredNewRecords,
    NewRecords,
    answer_new_records,
    find_new_records,
)
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


def review_run(run: FinishedRun, new_data: str | None, most: int, page: str, table: str) -> Reviewed:
    """Writes the page and the table.

    Args:
        run: The run.
        new_data: Records without a class, of which half of those wanted are to be; a table, several by a pattern, or a
            folder of images; or None.
        most: Number of records wanted.
        page: The HTML file.
        table: The CSV file.

    Raises:
        InputError: The new data cannot be read, or the corrections that the run had.
    """
    data = DataSettings.model_validate(run.experiment["data"])
    folder = path_utils.serving_model_path(run.model)
    decision, model = Decision.read(folder), tf.saved_model.load(folder)
    classes = tuple(decision.classes)
    new = None if new_data is None else NewRecords.of_model(new_data, data, classes, folder)
    # First, as it may be refused.
    answered_new = None if new is None else answer_new_records(new, model)
    answered = answer_splits(run, data, model, classes)
    notes = _notes(answered)
    items: list[Item] = []
    if new is not None and answered_new is not None:
        prior = np.array([decision.served_prior()[name] for name in classes])
        items = _of_new(answered_new, answered, prior, new.path, most // 2, run.experiment["seed"])
        found = find_new_records(new, {one.key for one in items})
        items = [_shown(one, found[one.key], data) for one in items]
        notes += answered_new.notes
    seen, note = _looked_at(data)
    doubtful = _doubtful(answered, most - len(items), seen)
    examples = find_records(split_shards(run.examples), RECORD_KEY, {one.key.encode() for one in doubtful})
    items = [*(_shown(one, examples[one.key.encode()], data) for one in doubtful), *items]
    notes += note
    text = render_review(run.experiment["name"], items, classes, notes, os.path.basename(table))
    write_atomically(text.encode("utf-8", errors="backslashreplace"), page)
    write_atomically(review_table(items).encode("utf-8", errors="backslashreplace"), table)
    return Reviewed(items, notes)


def _doubtful(answered: AnsweredSplits, most: int, seen: Collection[str]) -> list[Item]:
    return doubtful_labels(
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
        seen,
    )


def _of_new(
    new: AnsweredNewRecords, known: AnsweredSplits, prior: np.ndarray, path: str, most: int, seed: int
) -> list[Item]:
    trained, held_out = (known.splits == SPLITS.index(split) for split in ("train", "test"))
    unlike = unlike_training(
        known.embeddings[trained], known.labels[trained], known.embeddings[held_out], new.embeddings, seed
    )
    where = os.path.basename(os.path.normpath(path))
    return records_to_label(
        new.keys, known.classes, new.probabilities, prior, new.embeddings, unlike, where, most
    )


def _looked_at(data: DataSettings) -> tuple[Collection[str], list[str]]:
    """Returns the keys of the records that a person has looked at before, and a sentence on them."""
    if data.corrections is None:
        return (), []
    if not os.path.isfile(data.corrections):
        return (), [f"{data.corrections} is gone: what was looked at before may be listed again."]
    keys = read_corrections(data.corrections).keys()
    return keys, [f"{len(keys):,} records of {data.corrections} were looked at before and are not listed."]


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


def _shown(item: Item, example: bytes, data: DataSettings) -> Item:
    image = data.image_feature
    values = values_of(example, without=(data.label, image or data.label, *BOOKKEEPING))
    return replace(
        item,
        picture=None if image is None else data_uri(first_bytes(example, image), _SIDE),
        values=dict(list(values.items())[:_COLUMNS_SHOWN]),
    )
