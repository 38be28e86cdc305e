"""Examples on disk: TFRecord shards named as TFX names them, encoded and decoded through Arrow."""

from collections.abc import Iterable

import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder


def encode_examples(columns: dict[str, pa.Array]) -> list[bytes]:
    """Encodes columns as serialised tf.Examples, by tfx_bsl's C++ coder; equal columns give equal bytes.

    Args:
        columns: Feature name to a list array of int64, float32 or binary, one list a record; a null
            leaves its record's feature without a value.

    Returns:
        One serialised tf.Example a record.
    """
    batch = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    encoded = example_coder.RecordBatchToExamplesEncoder().encode(batch)
    # The coder writes the features in the order of a hash map, which differs from process to process.
    return [tf.train.Example.FromString(example).SerializeToString(deterministic=True) for example in encoded]


def shard_path(split_uri: str, shard: int, num_shards: int) -> str:
    """Names a shard's file inside its split's folder."""
    return f"{split_uri}/data_tfrecord-{shard:05d}-of-{num_shards:05d}.gz"


def write_shard(path: str, examples: Iterable[bytes]) -> None:
    """Writes serialised examples as one gzipped TFRecord file."""
    with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for example in examples:
            writer.write(example)
