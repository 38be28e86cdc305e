"""Reads the records of a shard in batches that the shard alone decides."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

# Decoded images take a hundred times the bytes of the file.
_MOST_RECORDS, _MOST_BYTES = 512, 2 * 2**20


def batches_of(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Puts records together in their order: 512 of them, or as many as come to 2 MiB, but at least one."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and (len(batch) == _MOST_RECORDS or size + len(record) > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record)
    if batch:
        yield batch


def record_batches(path: str, raw_column: str) -> Iterator[pa.RecordBatch]:
    """Reads a gzipped TFRecord file of tf.Examples.

    Args:
        path: The file.
        raw_column: Name of the column that the serialised records become.

    Yields:
        Records as a column for each feature, and `raw_column` behind them.
    """
    decoder = example_coder.ExamplesToRecordBatchDecoder()
    for records in batches_of(tf.data.TFRecordDataset(path, "GZIP").as_numpy_iterator()):
        features = decoder.DecodeBatch(records)
        raw = pa.array([[record] for record in records], pa.large_list(pa.large_binary()))
        yield pa.RecordBatch.from_arrays([*features.columns, raw], [*features.schema.names, raw_column])
