"""Finds records by their keys in the shards of a split."""

from collections.abc import Collection, Sequence

import tensorflow as tf

_READ_AT_ONCE = 1024


def find_records(paths: Sequence[str], key_feature: str, keys: Collection[bytes]) -> dict[bytes, bytes]:
    """Finds serialised tf.Examples by key; reading ends once all are found.

    Args:
        paths: Gzipped TFRecord files.
        key_feature: Feature of the key.
        keys: The keys wanted.

    Returns:
        Key to example, of the keys there are.
    """
    wanted, found = set(keys), dict[bytes, bytes]()
    spec = {key_feature: tf.io.FixedLenFeature([], tf.string, default_value="")}
    for batch in tf.data.TFRecordDataset(list(paths), "GZIP").batch(_READ_AT_ONCE) if wanted else ():
        # TensorFlow parses the keys alone: in Python, parsing whole records with images takes minutes.
        for place, key in enumerate(tf.io.parse_example(batch, spec)[key_feature].numpy()):
            if key in wanted:
                found.setdefault(key, batch[place].numpy())
        if len(found) == len(wanted):
            break
    return found


def values_of(serialized: bytes, without: Collection[str]) -> dict[str, str]:
    """Writes the columns of a tf.Example for people, sorted by name; a missing value is an empty text."""
    features = tf.train.Example.FromString(serialized).features.feature
    return {name: _text(features[name]) for name in sorted(features) if name not in without}


def first_bytes(serialized: bytes, feature: str) -> bytes:
    """Returns a feature's first byte string; an empty one where there is none."""
    values = tf.train.Example.FromString(serialized).features.feature[feature].bytes_list.value
    return values[0] if values else b""


def _text(feature: tf.train.Feature) -> str:
    if feature.bytes_list.value:
        return feature.bytes_list.value[0].decode(errors="replace")
    if feature.int64_list.value:
        return str(feature.int64_list.value[0])
    if feature.float_list.value:
        return f"{feature.float_list.value[0]:.6g}"
    return ""
