"""Amounts of records: what their costs are made of, read out of raw examples."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf
from tfx.dsl.io import fileio
from tfx_bsl.coders import example_coder

from core.features import RECORD_KEY

_BATCH = 1024


def example_amounts(examples: Sequence[bytes], columns: Sequence[str]) -> np.ndarray:
    """Reads numeric features out of serialised tf.Examples.

    Args:
        examples: Of the records.
        columns: The features.

    Returns:
        Their first values, float64 `(n, columns)`, exactly as the examples hold them; NaN where there is none.
    """
    if not len(examples):
        return np.empty((0, len(columns)))
    batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(list(examples))
    return np.stack([_first_numbers(batch, name) for name in columns], axis=1)


def split_amounts(
    split_uris: Sequence[str], columns: Sequence[str], label: str | None = None
) -> tuple[list[str], list[str], np.ndarray]:
    """Reads numeric features of all records of some splits.

    Args:
        split_uris: Folders of gzipped TFRecord shards.
        columns: The features.
        label: Feature of the class's name; None reads none.

    Returns:
        Keys and names of the classes, `(n,)`, empty texts where there are none, and amounts, float64 `(n, columns)`; in the
        order of the shards.
    """
    keys: list[str] = []
    labels: list[str] = []
    amounts = [np.empty((0, len(columns)))]
    wanted = [RECORD_KEY] if label is None else [RECORD_KEY, label]
    spec = {name: tf.io.FixedLenFeature([], tf.string, default_value="") for name in wanted}
    for examples in _batches(split_uris):
        parsed = tf.io.parse_example(examples, spec)
        keys += [key.decode() for key in parsed[RECORD_KEY].numpy()]
        labels += [""] * len(examples) if label is None else [name.decode() for name in parsed[label].numpy()]
        amounts.append(example_amounts(examples, columns))
    return keys, labels, np.concatenate(amounts)


def _batches(split_uris: Sequence[str]) -> Iterator[list[bytes]]:
    paths = [path for uri in split_uris for path in sorted(fileio.glob(os.path.join(uri, "*")))]
    for batch in tf.data.TFRecordDataset(paths, "GZIP").batch(_BATCH).as_numpy_iterator():
        yield batch.tolist()


def _first_numbers(batch: pa.RecordBatch, name: str) -> np.ndarray:
    numbers = np.full(batch.num_rows, np.nan)
    place = batch.schema.get_field_index(name)
    if place < 0 or pa.types.is_null(batch.column(place).type):
        return numbers
    column = batch.column(place)
    if not (pa.types.is_floating(column.type.value_type) or pa.types.is_integer(column.type.value_type)):
        return numbers
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    values = column.flatten().to_numpy(zero_copy_only=False)
    held = lengths > 0
    numbers[held] = values[(np.cumsum(lengths) - lengths)[held]]
    return numbers
