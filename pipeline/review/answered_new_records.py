"""Asks the model of a run for answers and embeddings of new records that have no class."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import tensorflow as tf

from components.examples_io import encode_examples
from components.stratified_example_gen.class_names import class_place
from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.records import BadRecord, Record
from components.stratified_example_gen.settings import DataSettings
from components.unlabelled_example_gen.amounts import with_amounts
from core.documents.decision import Decision
from core.documents.raw_inputs import RawInputs
from core.errors import InputError
from pipeline.drift.new_records import UNLABELLED, files_left_out, read_new_records

_BATCH = 256
_ROLES: dict[str, Role] = {"number": "number", "whole": "integer", "text": "category"}


@dataclass(frozen=True)
class NewRecords:
    """New records as the model takes them.

    Attributes:
        path: A table, several by a pattern, or a folder of images.
        data: The run's data settings.
        classes: Names of the model's classes.
        roles: The model's columns and what they hold.
        amounts: Columns that costs are made of; a record without an amount is bad, as the model answers nothing to it.
    """

    path: str
    data: DataSettings
    classes: tuple[str, ...]
    roles: dict[str, Role]
    amounts: tuple[str, ...] = ()

    @classmethod
    def of_model(cls, path: str, data: DataSettings, classes: tuple[str, ...], folder: str) -> "NewRecords":
        """Describes the new data of a SavedModel in a folder."""
        features, decision = RawInputs.read(folder).features, Decision.read_if_there(folder)
        costs = None if decision is None else decision.rule.costs
        return cls(
            path,
            data,
            classes,
            {one.name: _ROLES[one.kind] for one in features if one.kind != "image"},
            () if costs is None else costs.columns,
        )

    def read(self) -> Iterator[Record | BadRecord]:
        """Reads the records, those with a class too."""
        records = read_new_records(
            self.path,
            self.roles,
            self.data.image_feature,
            self.data.label,
            self.classes,
            self.data.max_image_pixels,
        )
        return with_amounts(records, self.amounts)

    def encoded(self, records: list[Record]) -> list[bytes]:
        """Encodes records as the model takes them."""
        image = self.data.image_feature
        columns = record_columns(records, self.roles, None, image)
        return encode_examples({name: columns[name] for name in (*self.roles, *([image] if image else []))})


@dataclass(frozen=True)
class AnsweredNewRecords:
    """New records without a class, in the order of the data.

    Attributes:
        keys: Their keys.
        probabilities: float32 `(records, classes)`.
        embeddings: float32 `(records, units)`.
        notes: Sentences on what has a class or cannot be read.
    """

    keys: list[str]
    probabilities: np.ndarray
    embeddings: np.ndarray
    notes: list[str]


def answer_new_records(new: NewRecords, model: Any) -> AnsweredNewRecords:
    """Reads every record once.

    Args:
        new: The records.
        model: The loaded SavedModel.

    Raises:
        InputError: No record without a class can be read.
    """
    left_out: Counter[str] = Counter()
    first: list[str] = []

    def unlabelled() -> Iterator[Record]:
        for record in new.read():
            if isinstance(record, BadRecord):
                left_out["bad"] += 1
                if not first:
                    first.append(f"{record.key} {record.why}")
            elif record.label != UNLABELLED and class_place(new.classes, record.label) >= 0:
                left_out["labelled"] += 1
            else:
                yield record

    records, keys = unlabelled(), list[str]()
    probabilities, embeddings = [], []
    while batch := list(islice(records, _BATCH)):
        examples = tf.constant(new.encoded(batch))
        keys += [record.key for record in batch]
        probabilities.append(model.signatures["serving_default"](examples=examples)["probabilities"].numpy())
        embeddings.append(model.signatures["embed"](examples=examples)["embedding"].numpy())
    notes = [f"{left_out['labelled']:,} records of {new.path} have a class and are not looked at."]
    notes = notes if left_out["labelled"] else []
    if left_out["bad"]:
        notes.append(f"{left_out['bad']:,} records of {new.path} cannot be read, the first: {first[0]}.")
    others = files_left_out(new.path, new.data.max_image_pixels)
    if others:
        notes.append(f"{len(others):,} things in {new.path} are no records, the first: {others[0]}.")
    if not keys:
        raise InputError(
            f"{new.path} holds no record without a class that can be read. {' '.join(notes)} Leave NEW_DATA out to review "
            "the run's own records."
        )
    return AnsweredNewRecords(keys, np.concatenate(probabilities), np.concatenate(embeddings), notes)


def find_new_records(new: NewRecords, keys: set[str]) -> dict[str, bytes]:
    """Reads the data again for some of the records, as the model takes them."""
    found = {}
    for record in new.read():
        if isinstance(record, Record) and record.key in keys:
            [found[record.key]] = new.encoded([record])
    return found
