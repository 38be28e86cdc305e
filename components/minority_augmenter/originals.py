"""Counts train's own records, gathers them where classes grow, and passes them on."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tfx.dsl.io import fileio

from components.minority_augmenter.provenance import provenance_lines
from components.minority_augmenter.records import (
    Shape,
    batch_size,
    decoder,
    hashes_of,
    labels_of,
    read_serialized,
    texts_of,
)
from components.minority_augmenter.units import Layout
from core.features import KEY, LABEL

# Columns of gathered records, besides their features.
HASH, GROUP = "hash", "group"


def count_shard(number: int, path: str, num_classes: int, work: str) -> None:
    """Writes a shard's class counts into the folder `work`, where `read_counts` finds them."""
    counts = np.zeros(num_classes, np.int64)
    decode = decoder([LABEL])
    for serialized in read_serialized(path, batch_size(Shape(0, 0, True))):
        counts += np.bincount(labels_of(decode.DecodeBatch(serialized)), minlength=num_classes)
    _write_json(f"{work}/{number:05d}.counts", counts.tolist())


def read_counts(number: int, work: str) -> list[int]:
    """Reads what `count_shard` wrote."""
    return _read_json(f"{work}/{number:05d}.counts")


def hash_shard(number: int, path: str, keep: Mapping[int, int], seed: int, work: str) -> None:
    """Writes the hashes of the classes that shrink, for `highest_kept`."""
    found: dict[int, list[np.ndarray]] = {label: [] for label in keep}
    decode = decoder([LABEL, KEY])
    for serialized in read_serialized(path, batch_size(Shape(0, 0, True))):
        batch = decode.DecodeBatch(serialized)
        labels = labels_of(batch)
        hashes = hashes_of(texts_of(batch, KEY), seed)
        for label, parts in found.items():
            parts.append(hashes[labels == label])
    for label, size in keep.items():
        hashes = np.concatenate([np.empty(0, np.uint64), *found[label]])
        with fileio.open(f"{work}/{number:05d}-{label}.hashes", "wb") as handle:
            handle.write(_lowest(hashes, size).tobytes())


def highest_kept(keep: Mapping[int, int], num_shards: int, work: str) -> dict[int, int]:
    """Finds the hash up to which a class's records are kept, so that exactly as many stay as wanted.

    Only as many hashes are held at a time as records are kept, and one shard's more.
    """
    highest = {}
    for label, size in keep.items():
        lowest = np.empty(0, np.uint64)
        for number in range(num_shards):
            with fileio.open(f"{work}/{number:05d}-{label}.hashes", "rb") as handle:
                lowest = _lowest(np.concatenate([lowest, np.frombuffer(handle.read(), np.uint64)]), size)
        highest[label] = int(lowest.max())
    return highest


def _lowest(hashes: np.ndarray, size: int) -> np.ndarray:
    return hashes if len(hashes) <= size else np.partition(hashes, size - 1)[:size]


def gather_shard(number: int, path: str, shape: Shape, layout: Layout, seed: int, work: str) -> None:
    """Writes a shard's records that units need, by group, where `read_groups` finds them.

    Nothing but one batch of records is held at a time.
    """
    decode, look = decoder(shape.features), decoder([LABEL])
    places: dict[int, list[tuple[int, int]]] = {}
    end = 0
    with fileio.open(f"{work}/{number:05d}.batches", "wb") as handle:
        for serialized in read_serialized(path, batch_size(shape)):
            labels = labels_of(look.DecodeBatch(serialized))
            wanted = np.flatnonzero(layout.first[labels] >= 0)
            if not len(wanted):
                continue
            batch = decode.DecodeBatch([serialized[row] for row in wanted])
            hashes = hashes_of(texts_of(batch, KEY), seed)
            groups = layout.groups_of(labels[wanted], hashes)
            batch = _with_column(batch, HASH, hashes)
            for group in np.unique(groups).tolist():
                content = _to_bytes(batch.filter(pa.array(groups == group)))
                handle.write(content)
                places.setdefault(group, []).append((end, len(content)))
                end += len(content)
    _write_json(f"{work}/{number:05d}.places", {str(group): found for group, found in places.items()})


def read_groups(groups: tuple[int, ...], num_shards: int, work: str) -> pa.Table | None:
    """Reads some groups' records in the order of their hashes; None where there are none.

    Returns:
        The transformed features; `hash`, of the key; and `group`.
    """
    batches = [batch for number in range(num_shards) for batch in _read_batches(groups, number, work)]
    if not batches:
        return None
    table = pa.Table.from_batches(batches).combine_chunks()
    # Wherever Transform's workers put a record, it comes in the same place here.
    return table.take(pa.array(np.argsort(table[HASH].to_numpy(), kind="stable")))


def _read_batches(groups: tuple[int, ...], number: int, work: str) -> Iterator[pa.RecordBatch]:
    places = _read_json(f"{work}/{number:05d}.places")
    wanted = [(group, place) for group in groups for place in places.get(str(group), [])]
    if not wanted:
        return
    with fileio.open(f"{work}/{number:05d}.batches", "rb") as handle:
        for group, (start, size) in wanted:
            handle.seek(start)
            batch = pa.ipc.open_stream(handle.read(size)).read_next_batch()
            yield _with_column(batch, GROUP, np.full(batch.num_rows, group, np.int32))


def _to_bytes(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def _with_column(batch: pa.RecordBatch, name: str, values: np.ndarray) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([*batch.columns, pa.array(values)], [*batch.schema.names, name])


def write_removed(unit: int, hashes: np.ndarray, work: str) -> None:
    """Writes the hashes of records that a unit takes out of train, for `thin_shard`."""
    with fileio.open(f"{work}/unit-{unit:05d}.removed", "wb") as handle:
        handle.write(hashes.tobytes())


def thin_shard(
    number: int,
    path: str,
    target: str,
    highest: Mapping[int, int],
    num_units: int,
    method: str,
    classes: Sequence[str],
    seed: int,
    work: str,
) -> None:
    """Copies a shard's records as they are, without those that leave; `removed_from` tells how many left.

    Their keys are written as rows of `provenance.csv`.

    Args:
        number: Counts the shards.
        path: The shard.
        target: Where it goes.
        highest: Class index to the highest hash that stays; of other classes all stay.
        num_units: Units that have written which records leave.
        method: What takes them out.
        classes: Names of the classes.
        seed: Of the hashes.
        work: Folder of the units' hashes.
    """
    leaving = _read_removed(num_units, work)
    decode = decoder([LABEL, KEY])
    removed = np.zeros(len(classes), np.int64)
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    with (
        tf.io.TFRecordWriter(target, options) as writer,
        fileio.open(f"{work}/removed-{number:05d}.csv", "wb") as log,
    ):
        for serialized in read_serialized(path, batch_size(Shape(0, 0, True))):
            batch = decode.DecodeBatch(serialized)
            labels, keys = labels_of(batch), texts_of(batch, KEY)
            hashes = hashes_of(keys, seed)
            kept = ~np.isin(hashes, leaving)
            for label, limit in highest.items():
                kept &= (labels != label) | (hashes <= np.uint64(limit))
            for row in np.flatnonzero(kept):
                writer.write(serialized[row])
            log.write(
                provenance_lines(
                    (keys[row], classes[labels[row]], "removed", method, []) for row in np.flatnonzero(~kept)
                )
            )
            removed += np.bincount(labels[~kept], minlength=len(classes))
    _write_json(f"{work}/{number:05d}.removed", removed.tolist())


def _read_removed(num_units: int, work: str) -> np.ndarray:
    hashes = [np.empty(0, np.uint64)]
    for unit in range(num_units):
        with fileio.open(f"{work}/unit-{unit:05d}.removed", "rb") as handle:
            hashes.append(np.frombuffer(handle.read(), np.uint64))
    return np.concatenate(hashes)


def removed_from(number: int, work: str) -> list[int]:
    """Reads how many records of each class left a shard."""
    return _read_json(f"{work}/{number:05d}.removed")


def pass_on(path: str, target: str) -> None:
    """Copies a file byte for byte; where both lie on one local disk, it gets a second name instead."""
    try:
        # Artifacts are written once, and taking away one name leaves the other.
        os.link(path, target)
    except OSError:
        fileio.copy(path, target, overwrite=True)


def _write_json(path: str, content: object) -> None:
    with fileio.open(path, "w") as handle:
        handle.write(json.dumps(content))


def _read_json(path: str):  # type: ignore[no-untyped-def]
    with fileio.open(path, "r") as handle:
        return json.loads(handle.read())
