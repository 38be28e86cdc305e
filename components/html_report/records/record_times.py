"""Reads the times of records out of the shards of a split."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from core.features import RECORD_KEY, RECORD_TIME

_READ_AT_ONCE = 1024
_NONE = np.iinfo(np.int64).min


def record_times(paths: Sequence[str], keys: Sequence[str]) -> np.ndarray | None:
    """Finds the times of records by their keys.

    Args:
        paths: Gzipped TFRecord files of raw tf.Examples.
        keys: Of the records.

    Returns:
        int64 `(keys,)`, microseconds since 1970; None where a record has no time.
    """
    spec = {
        RECORD_KEY: tf.io.FixedLenFeature([], tf.string, default_value=""),
        RECORD_TIME: tf.io.FixedLenFeature([], tf.int64, default_value=int(_NONE)),
    }
    times: dict[bytes, int] = {}
    for batch in tf.data.TFRecordDataset(list(paths), "GZIP").batch(_READ_AT_ONCE):
        found = tf.io.parse_example(batch, spec)
        times.update(
            zip(found[RECORD_KEY].numpy().tolist(), found[RECORD_TIME].numpy().tolist(), strict=True)
        )
    of_keys = np.array([times.get(key.encode(), _NONE) for key in keys], np.int64)
    return None if (of_keys == _NONE).any() else of_keys
