"""Digests of records from their columns: equal for equal contents, however a file or a worker laid them out."""

import hashlib
from collections.abc import Collection, Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
from tfx_bsl.arrow import array_util

WORDS = 2  # of 64 bits each: among a billion records, two different ones are not taken for equal.
_SEEDS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)


def text_digests(values: Sequence[bytes]) -> np.ndarray:
    """Digests byte strings, uint64 `(values, WORDS)`."""
    joined = b"".join(hashlib.blake2b(value, digest_size=8 * WORDS).digest() for value in values)
    return np.frombuffer(joined, "<u8").reshape(-1, WORDS)


def row_digests(batch: pa.RecordBatch, leave_out: Collection[str]) -> np.ndarray:
    """Digests each record's features.

    The order of the columns plays no part, and a column without a value is as one that is not there.

    Args:
        batch: Columns of lists, as tfx_bsl decodes tf.Examples.
        leave_out: Names of columns that play no part.

    Returns:
        uint64 `(records, WORDS)`.
    """
    columns = [
        _column_digests(name, column)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
        if name not in leave_out and not pa.types.is_null(column.type)
    ]
    return reduce(np.add, columns, np.zeros((batch.num_rows, WORDS), np.uint64))


def _column_digests(name: str, column: pa.Array) -> np.ndarray:
    """Returns uint64 `(records, WORDS)`; zero where the record has no value."""
    values = column.flatten()
    rows = array_util.GetFlattenedArrayParentIndices(column).to_numpy()
    # A value's place within its list: [1, 2] is not [2, 1].
    first = np.searchsorted(rows, rows, side="left")
    places = (np.arange(len(rows)) - first).astype(np.uint64)[:, np.newaxis]
    name_digest = text_digests([name.encode()])
    digests = np.zeros((len(column), WORDS), np.uint64)
    np.add.at(digests, rows, _mixed(_value_digests(values) + name_digest + places * np.uint64(_SEEDS[0])))
    return digests


def _value_digests(values: pa.Array) -> np.ndarray:
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(np.float32)
        # Negative zero equals zero, and all that is not a number is equal here.
        bits = np.where(np.isnan(numbers), np.float32(np.nan), numbers + np.float32(0)).view(np.uint32)
        return np.stack([bits.astype(np.uint64)] * WORDS, axis=1)
    if pa.types.is_integer(values.type):
        return np.stack(
            [values.to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)] * WORDS, axis=1
        )
    different = values.dictionary_encode()
    return text_digests(different.dictionary.to_pylist())[different.indices.to_numpy(zero_copy_only=False)]


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Scrambles 64-bit words so that a change of any bit changes half of the others, each word its own way.

    Reference:
        Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators.
    """
    mixed: np.ndarray = numbers + np.array(_SEEDS, np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
