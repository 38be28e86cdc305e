"""Columns become tf.Examples, and shards are read as they were written."""

import pyarrow as pa
import tensorflow as tf

from components.examples_io import encode_examples, shard_path, write_shard

COLUMNS = {
    "key": pa.array([[b"a"], [b"b"]], pa.list_(pa.binary())),
    "count": pa.array([[3], None], pa.list_(pa.int64())),
    "width": pa.array([None, [0.5]], pa.list_(pa.float32())),
}


def features_of(serialized):
    values = {}
    for name, feature in tf.train.Example.FromString(serialized).features.feature.items():
        if kind := feature.WhichOneof("kind"):
            values[name] = (kind, list(getattr(feature, kind).value))
    return values


def test_columns_become_features_and_null_becomes_no_value():
    first, second = map(features_of, encode_examples(COLUMNS))
    assert first == {"key": ("bytes_list", [b"a"]), "count": ("int64_list", [3])}
    assert second == {"key": ("bytes_list", [b"b"]), "width": ("float_list", [0.5])}


def test_equal_columns_give_equal_bytes_in_any_order():
    backwards = {name: COLUMNS[name] for name in reversed(COLUMNS)}
    assert encode_examples(COLUMNS) == encode_examples(backwards)


def test_tensorflow_parses_what_was_encoded():
    spec = {
        "key": tf.io.FixedLenFeature([], tf.string),
        "count": tf.io.FixedLenFeature([], tf.int64, -1),
        "width": tf.io.FixedLenFeature([], tf.float32, -1.0),
    }
    parsed = tf.io.parse_example(encode_examples(COLUMNS), spec)
    assert parsed["key"].numpy().tolist() == [b"a", b"b"]
    assert parsed["count"].numpy().tolist() == [3, -1]
    assert parsed["width"].numpy().tolist() == [-1.0, 0.5]


def test_shards_are_named_as_tfx_names_them():
    assert shard_path("/x/Split-train", 3, 12) == "/x/Split-train/data_tfrecord-00003-of-00012.gz"


def test_shard_is_read_as_it_was_written(tmp_path):
    examples = encode_examples(COLUMNS)
    write_shard(str(tmp_path / "full.gz"), examples)
    write_shard(str(tmp_path / "again.gz"), examples)
    write_shard(str(tmp_path / "empty.gz"), [])

    def read(name):
        return list(tf.data.TFRecordDataset(str(tmp_path / name), "GZIP").as_numpy_iterator())

    assert read("full.gz") == examples
    assert read("empty.gz") == []
    assert (tmp_path / "full.gz").read_bytes() == (tmp_path / "again.gz").read_bytes()
