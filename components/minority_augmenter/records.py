"""Transformed records on disk and as arrays, read a batch at a time by tfx_bsl's coder."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.coders import example_coder

from components.minority_augmenter.rows import Rows
from core.features import CATEGORICAL, IMAGE, KEY, LABEL, METHOD, MISSING, NUMERIC, PARENTS

# Of images of a megabyte each, what fits into the memory of a small worker.
_RECORDS_AT_ONCE = 512
_ROWS_AT_ONCE = 8192
_TYPES = {
    LABEL: schema_pb2.INT,
    KEY: schema_pb2.BYTES,
    NUMERIC: schema_pb2.FLOAT,
    MISSING: schema_pb2.FLOAT,
    CATEGORICAL: schema_pb2.INT,
    IMAGE: schema_pb2.BYTES,
}


@dataclass(frozen=True)
class Shape:
    """Which features the transformed records have.

    Attributes:
        num_numeric: Numeric columns, each with its flag.
        num_categorical: Categorical columns.
        has_image: Whether there is an image.
    """

    num_numeric: int
    num_categorical: int
    has_image: bool

    @classmethod
    def of(cls, feature_spec: Mapping[str, Any]) -> "Shape":
        """Reads Transform's feature spec."""

        def width(name: str) -> int:
            return int(feature_spec[name].shape[0]) if name in feature_spec else 0

        return cls(width(NUMERIC), width(CATEGORICAL), IMAGE in feature_spec)

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        there = {
            NUMERIC: self.num_numeric,
            MISSING: self.num_numeric,
            CATEGORICAL: self.num_categorical,
            IMAGE: self.has_image,
        }
        return [name for name in _TYPES if there.get(name, True)]


def read_serialized(path: str, at_once: int) -> Iterator[list[bytes]]:
    """Reads a gzipped TFRecord file in batches of serialised examples."""
    # Batched by TensorFlow: handing over records one by one costs ten times the reading.
    for batch in tf.data.TFRecordDataset(path, "GZIP").batch(at_once).as_numpy_iterator():
        yield batch.tolist()


def decoder(features: Sequence[str]) -> example_coder.ExamplesToRecordBatchDecoder:
    """Makes a decoder of some features; others, such as images, are not even looked at."""
    schema = schema_pb2.Schema(
        feature=[schema_pb2.Feature(name=name, type=_TYPES[name]) for name in features]
    )
    return example_coder.ExamplesToRecordBatchDecoder(schema.SerializeToString())


def batch_size(shape: Shape) -> int:
    """Returns how many records are read at once."""
    return _RECORDS_AT_ONCE if shape.has_image else _ROWS_AT_ONCE


def labels_of(batch: Any) -> np.ndarray:
    """Returns the records' class indices, int64 `(records,)`."""
    return _flat(batch, LABEL).to_numpy(zero_copy_only=False).astype(np.int64)


def texts_of(batch: Any, name: str) -> list[bytes]:
    """Returns the one byte string that every record has under a name."""
    return _flat(batch, name).to_pylist()


def rows_of(batch: Any, shape: Shape) -> Rows:
    """Returns the records' columns."""
    count = batch.num_rows

    def matrix(name: str, width: int, dtype: Any) -> np.ndarray:
        if not width:
            return np.empty((count, 0), dtype)
        return _flat(batch, name).to_numpy(zero_copy_only=False).astype(dtype).reshape(count, width)

    return Rows(
        matrix(NUMERIC, shape.num_numeric, np.float32),
        matrix(MISSING, shape.num_numeric, np.float32),
        matrix(CATEGORICAL, shape.num_categorical, np.int64),
    )


def hashes_of(keys: Sequence[bytes], seed: int) -> np.ndarray:
    """Hashes keys with the seed, uint64 `(keys,)`: what is random about a record is decided by this."""
    salt = (seed % 2**64).to_bytes(8, "little")
    joined = b"".join(hashlib.blake2b(key, digest_size=8, salt=salt).digest() for key in keys)
    return np.frombuffer(joined, "<u8")


def columns_of(
    rows: Rows, labels: np.ndarray, keys: Sequence[bytes], images: Sequence[bytes] | None
) -> dict[str, pa.Array]:
    """Turns rows back into transformed features, those that `Shape.features` names."""
    columns = {LABEL: _lists(labels[:, np.newaxis]), KEY: _bytes_lists([[key] for key in keys])}
    if rows.numeric.shape[1]:
        columns |= {NUMERIC: _lists(rows.numeric), MISSING: _lists(rows.flags)}
    if rows.categories.shape[1]:
        columns[CATEGORICAL] = _lists(rows.categories)
    if images is not None:
        columns[IMAGE] = _bytes_lists([[image] for image in images])
    return columns


def provenance_columns(methods: Sequence[str], parents: Sequence[list[bytes]]) -> dict[str, pa.Array]:
    """Makes the two features that only new records have."""
    return {METHOD: _bytes_lists([[method.encode()] for method in methods]), PARENTS: _bytes_lists(parents)}


def _lists(values: np.ndarray) -> pa.Array:
    count, width = values.shape
    offsets = pa.array(np.arange(count + 1, dtype=np.int32) * width)
    return pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(values).reshape(-1)))


def _bytes_lists(values: Sequence[list[bytes]]) -> pa.Array:
    return pa.array(values, pa.list_(pa.binary()))


def _flat(batch: Any, name: str) -> Any:
    column = batch.column(batch.schema.get_field_index(name))
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return column.flatten()
