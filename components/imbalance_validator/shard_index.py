"""Reads from one shard of examples at a time what the checks need of every record."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2
from tfx.dsl.io import fileio
from tfx_bsl.coders import example_coder

from components.imbalance_validator.digests import WORDS, row_digests, text_digests
from core.features import BOOKKEEPING, RECORD_KEY, RECORD_TIME

# Of images of a megabyte each, what fits into the memory of a small worker.
_RECORDS_AT_ONCE = 512
_TYPES = {
    statistics_pb2.FeatureNameStatistics.INT: schema_pb2.INT,
    statistics_pb2.FeatureNameStatistics.FLOAT: schema_pb2.FLOAT,
    statistics_pb2.FeatureNameStatistics.STRING: schema_pb2.BYTES,
}


@dataclass(frozen=True)
class ShardIndex:
    """Names of classes and records of one shard.

    Attributes:
        classes: Names of the classes seen.
        labels: int32 `(records,)`, index into `classes`.
        contents: uint64 `(records, 2)`, equal for records of equal content, whatever their key and class.
        keys: uint64 `(records, 2)`, digests of the records' keys.
        times: int64, the earliest and the latest of the records' times, in microseconds since 1970; empty without any.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    contents: np.ndarray
    keys: np.ndarray
    times: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        names = np.frombuffer(json.dumps(self.classes).encode(), np.uint8)
        arrays = {name: getattr(self, name) for name in ("labels", "contents", "keys", "times")}
        np.savez(buffer, classes=names, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "ShardIndex":
        arrays = np.load(io.BytesIO(content), allow_pickle=False)
        classes = tuple(json.loads(arrays["classes"].tobytes()))
        return cls(classes, arrays["labels"], arrays["contents"], arrays["keys"], arrays["times"])


def index_shard(path: str, label: str) -> ShardIndex:
    """Reads a shard once and keeps 36 bytes a record.

    Args:
        path: The shard's gzipped TFRecord file.
        label: Feature of the class's name.
    """
    classes: dict[bytes, int] = {}
    labels, contents = [np.empty(0, np.int32)], [np.empty((0, WORDS), np.uint64)]
    keys = [contents[0]]
    times = np.empty(0, np.int64)
    decoder = example_coder.ExamplesToRecordBatchDecoder()
    for serialized in _batches(path):
        batch = decoder.DecodeBatch(serialized)
        found = _texts(batch, label)
        labels.append(np.array([classes.setdefault(name, len(classes)) for name in found], np.int32))
        contents.append(row_digests(batch, (label, *BOOKKEEPING)))
        keys.append(text_digests(_texts(batch, RECORD_KEY)))
        times = _ends(np.concatenate([times, _numbers(batch, RECORD_TIME)]))
    return ShardIndex(
        tuple(name.decode() for name in classes),
        np.concatenate(labels),
        np.concatenate(contents),
        np.concatenate(keys),
        times,
    )


def _ends(times: np.ndarray) -> np.ndarray:
    return np.array([times.min(), times.max()]) if len(times) else times


def read_columns(path: str, types: Mapping[str, int]) -> Iterator[pa.RecordBatch]:
    """Reads some features of a shard; others, such as images, are not even decoded.

    Args:
        path: The shard's gzipped TFRecord file.
        types: Feature to its type in TFDV's statistics.
    """
    features = [schema_pb2.Feature(name=name, type=_TYPES[kind]) for name, kind in types.items()]
    schema = schema_pb2.Schema(feature=features)
    decoder = example_coder.ExamplesToRecordBatchDecoder(schema.SerializeToString())
    for serialized in _batches(path):
        yield decoder.DecodeBatch(serialized)


def sample_shard(
    path: str, types: Mapping[str, int], label: str, rates: Mapping[str, float]
) -> pa.Table | None:
    """Draws records of a shard by the digests of their keys, so that who reads it plays no part.

    Args:
        path: The shard's gzipped TFRecord file.
        types: Feature to its type in TFDV's statistics, without key and label.
        label: Feature of the class's name.
        rates: Class to the share of its records that is drawn.

    Returns:
        The features with key and label, or None where nothing is drawn.
    """
    text = statistics_pb2.FeatureNameStatistics.STRING
    drawn = []
    for batch in read_columns(path, {**types, label: text, RECORD_KEY: text}):
        places = text_digests(_texts(batch, RECORD_KEY))[:, 0] / 2.0**64
        limits = np.array([rates.get(name.decode(), 1.0) for name in _texts(batch, label)])
        drawn.append(batch.filter(pa.array(places < limits)))
    return pa.Table.from_batches(drawn) if sum(map(len, drawn)) else None


def write_index(split: str, number: int, path: str, label: str, work: str) -> None:
    """Writes a shard's index into the folder `work`, where `read_index` finds it."""
    with fileio.open(_place(work, split, number, "npz"), "wb") as handle:
        handle.write(index_shard(path, label).to_bytes())


def read_index(split: str, number: int, work: str) -> ShardIndex:
    """Reads what `write_index` wrote."""
    with fileio.open(_place(work, split, number, "npz"), "rb") as handle:
        return ShardIndex.from_bytes(handle.read())


def write_sample(
    split: str,
    number: int,
    path: str,
    types: Mapping[str, int],
    label: str,
    rates: Mapping[str, float],
    work: str,
) -> None:
    """Writes a shard's sample into the folder `work`, where `read_sample` finds it."""
    table = sample_shard(path, types, label, rates)
    if table is None:
        return
    buffer = pa.BufferOutputStream()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    with fileio.open(_place(work, split, number, "arrow"), "wb") as handle:
        handle.write(buffer.getvalue().to_pybytes())


def read_sample(split: str, number: int, work: str) -> pa.Table | None:
    """Reads what `write_sample` wrote, or returns None where nothing was drawn."""
    place = _place(work, split, number, "arrow")
    if not fileio.exists(place):
        return None
    with fileio.open(place, "rb") as handle:
        return pa.ipc.open_stream(handle.read()).read_all()


def _place(work: str, split: str, number: int, ending: str) -> str:
    return f"{work}/{split}-{number:05d}.{ending}"


def _batches(path: str) -> Iterator[list[bytes]]:
    # Batched by TensorFlow: handing over records one by one costs ten times the reading.
    dataset = tf.data.TFRecordDataset(path, "GZIP").batch(_RECORDS_AT_ONCE)
    return (batch.tolist() for batch in dataset.as_numpy_iterator())


def _numbers(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """Returns the whole numbers that records have under a name, int64; empty where none has any."""
    place = batch.schema.get_field_index(name)
    if place < 0:
        return np.empty(0, np.int64)
    numbers: np.ndarray = batch.column(place).flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _texts(batch: pa.RecordBatch, name: str) -> list[bytes]:
    """Returns the one text that every record has under a name."""
    return batch.column(batch.schema.get_field_index(name)).flatten().to_pylist()
