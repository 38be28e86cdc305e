"""A unit's new records, from the gathered rows to a shard and its provenance."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tfx.dsl.io import fileio

from components.examples_io import encode_examples
from components.minority_augmenter.new_images import class_strengths, new_image, operations_asked
from components.minority_augmenter.originals import GROUP, HASH, read_groups, write_removed
from components.minority_augmenter.provenance import provenance_lines
from components.minority_augmenter.records import (
    Shape,
    columns_of,
    labels_of,
    provenance_columns,
    rows_of,
    texts_of,
)
from components.minority_augmenter.resample import CLEANING, Resampled, resample
from components.minority_augmenter.units import Unit
from core.augmentation.settings import COPIED_IMAGES, AugmentationSettings
from core.features import IMAGE, KEY

_ENCODED_AT_ONCE = 4096
_IMAGES_AT_ONCE = 64


@dataclass(frozen=True)
class Job:
    """What all units share.

    Attributes:
        settings: What is asked for.
        seed: Decides everything random.
        shape: Features of the records.
        classes: Names of the classes.
        counts: Number of records in train, by class index.
        num_shards: Number of train's shards.
        split_uri: Folder of the new train split.
        work: Folder of what was gathered.
    """

    settings: AugmentationSettings
    seed: int
    shape: Shape
    classes: list[str]
    counts: list[int]
    num_shards: int
    split_uri: str
    work: str


@dataclass(frozen=True)
class Done:
    """What a unit did.

    Attributes:
        made: Number of new records of every class.
        notes: Pairs of a class's index and a sentence.
    """

    made: list[int]
    notes: list[tuple[int, str]]


def make_unit(unit: Unit, num_units: int, job: Job) -> None:
    """Writes a unit's new records as a shard; `read_done` tells what was done."""
    table = read_groups(unit.groups, job.num_shards, job.work)
    if table is None:
        raise RuntimeError(f"Unit {unit.number} of the augmentation has no rows to draw from.")
    labels = labels_of(table)
    strategy = job.settings.row_strategy
    resampled = resample(
        rows_of(table, job.shape), labels, unit.make, strategy, job.settings.neighbours, _unit_seed(unit, job)
    )
    path = f"{job.split_uri}/synthetic-{unit.number:05d}-of-{num_units:05d}.gz"
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    with (
        tf.io.TFRecordWriter(path, options) as writer,
        fileio.open(f"{job.work}/made-{unit.number:05d}.csv", "wb") as log,
    ):
        for example in _examples(table, resampled, unit, job, log):
            writer.write(example)
    if strategy in CLEANING:
        write_removed(unit.number, _removed(table, resampled, unit), job.work)
    made = np.bincount(resampled.labels, minlength=len(job.classes)).tolist()
    with fileio.open(f"{job.work}/unit-{unit.number:05d}.json", "w") as handle:
        handle.write(json.dumps({"made": made, "notes": resampled.notes}))


def read_done(number: int, work: str) -> Done:
    """Reads what `make_unit` did."""
    with fileio.open(f"{work}/unit-{number:05d}.json", "r") as handle:
        content = json.loads(handle.read())
    return Done(content["made"], [(label, note) for label, note in content["notes"]])


def _unit_seed(unit: Unit, job: Job) -> int:
    digest = hashlib.blake2b(f"{job.seed} {unit.number}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little")


def _examples(table: pa.Table, resampled: Resampled, unit: Unit, job: Job, log: Any) -> Iterator[bytes]:
    at_once = _IMAGES_AT_ONCE if job.shape.has_image else _ENCODED_AT_ONCE
    keys = texts_of(table, KEY)
    images = table.column(table.schema.get_field_index(IMAGE)) if job.shape.has_image else None
    operations = operations_asked(job.settings)
    strengths = class_strengths(job.settings, job.counts)
    for start in range(0, len(resampled.labels), at_once):
        rows = np.arange(start, min(start + at_once, len(resampled.labels)))
        labels = resampled.labels[rows]
        parents = [[keys[parent] for parent in resampled.parents[row] if parent >= 0] for row in rows]
        methods = [_method(resampled.methods[row], job.settings) for row in rows]
        new_keys = [
            f"{method} {unit.number}.{row} of ".encode() + of[0]
            for method, row, of in zip(methods, rows, parents, strict=True)
        ]
        new_images = images and [
            new_image(
                images[int(resampled.parents[row, 0])][0].as_py(),
                of[0],
                operations,
                strengths[label],
                new,
                job.seed,
            )
            for row, of, label, new in zip(rows, parents, labels.tolist(), _numbers(rows, unit), strict=True)
        ]
        yield from encode_examples(
            columns_of(resampled.rows.take(rows), labels, new_keys, new_images)
            | provenance_columns(methods, parents)
        )
        log.write(
            provenance_lines(
                (new_key, job.classes[label], "made", method, of)
                for new_key, label, method, of in zip(new_keys, labels, methods, parents, strict=True)
            )
        )


def _numbers(rows: np.ndarray, unit: Unit) -> list[int]:
    """Tells new records apart, those of other units too."""
    return [unit.number * 2**32 + row for row in rows.tolist()]


def _method(of_rows: str, settings: AugmentationSettings) -> str:
    if settings.image not in COPIED_IMAGES:
        return of_rows
    return settings.image if of_rows == "copy" else f"{of_rows}+{settings.image}"


def _removed(table: pa.Table, resampled: Resampled, unit: Unit) -> np.ndarray:
    """Returns the hashes of the records that cleaning takes out and that are the unit's to take."""
    hashes = table[HASH].to_numpy()
    place, places = unit.home
    # The first group is shared by all units; the other's rows are this unit's alone.
    own = (hashes % np.uint64(places) == place) | (table[GROUP].to_numpy() != unit.groups[0])
    removed: np.ndarray = hashes[own & ~resampled.kept]
    return removed
