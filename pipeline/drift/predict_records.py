"""Scores new records with the pushed model, and keeps their columns for statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import tensorflow as tf

from components.examples_io import encode_examples
from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.records import BadRecord, Record
from core.errors import InputError

_BATCH = 256


@dataclass(frozen=True)
class Predictions:
    """The model's answers to the new records, in reading order.

    Attributes:
        labels: Names of the classes, UNLABELLED where there is none, `(n,)`.
        probabilities: Float32 `(n, classes)`.
        decisions: Class indices, int64 `(n,)`.
        unreadable: The records that have no answer, each as a sentence.
        abstained: Which of them are left to a person, bool `(n,)`; None where the model decides on all.
        unknown: Which of them are called unknown, bool `(n,)`; None where the model calls none so.
    """

    labels: list[str]
    probabilities: np.ndarray
    decisions: np.ndarray
    unreadable: tuple[str, ...]
    abstained: np.ndarray | None = None
    unknown: np.ndarray | None = None


def predict_records(
    records: Iterator[Record | BadRecord],
    model: str,
    roles: dict[str, Role],
    image: str | None,
    table: str,
    classes: tuple[str, ...],
    new_data: str,
) -> Predictions:
    """Asks the model for every record, and writes the records' columns, without the image, to `table`.

    Args:
        records: The new records.
        model: Folder of the SavedModel.
        roles: The model's columns and what they hold.
        image: The model's image, or None.
        table: A gzipped TFRecord of tf.Examples to write.
        classes: Names in the order of the probabilities.
        new_data: Where the records come from, for messages.

    Raises:
        InputError: No record can be read.
    """
    signature = tf.saved_model.load(model).signatures["serving_default"]
    labels: list[str] = []
    unreadable: list[str] = []
    probabilities, decisions = [np.empty((0, len(classes)), np.float32)], [np.empty(0, np.int64)]
    withheld: dict[str, list[np.ndarray]] = {"abstain": [], "unknown": []}
    with tf.io.TFRecordWriter(table, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for batch in _batches(_good_records(records, unreadable)):
            columns = record_columns(batch, roles, "label", image)
            # Its name could be that of a column, and the model does not take it.
            features = {name: columns[name] for name in (*roles, *([image] if image else []))}
            answers = signature(examples=tf.constant(encode_examples(features)))
            labels += [record.label for record in batch]
            probabilities.append(answers["probabilities"].numpy())
            decisions.append(answers["decision_index"].numpy())
            for name in withheld.keys() & answers.keys():
                withheld[name].append(answers[name].numpy())
            if roles:
                for example in encode_examples({name: columns[name] for name in roles}):
                    writer.write(example)
    if not labels:
        first = f" The first of {len(unreadable)}: {unreadable[0]}." if unreadable else ""
        raise InputError(f"{new_data} holds no record that can be read.{first}")
    return Predictions(
        labels,
        np.concatenate(probabilities),
        np.concatenate(decisions),
        tuple(unreadable),
        *(np.concatenate(parts) if parts else None for parts in withheld.values()),
    )


def _good_records(records: Iterator[Record | BadRecord], unreadable: list[str]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, BadRecord):
            unreadable.append(f"{record.key} {record.why}")
        else:
            yield record


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, _BATCH)):
        yield batch
