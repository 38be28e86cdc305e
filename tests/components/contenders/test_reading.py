"""Which of Transform's workers wrote a record plays no part in what contenders learn."""

from types import SimpleNamespace

import numpy as np
import tensorflow as tf

from components.contenders.reading import transformed_split
from core.features import KEY, LABEL, NUMERIC

SPEC = {
    LABEL: tf.io.FixedLenFeature([], tf.int64),
    KEY: tf.io.FixedLenFeature([], tf.string),
    NUMERIC: tf.io.FixedLenFeature([1], tf.float32),
}
SIZE = 40


def record(number: int) -> bytes:
    example = tf.train.Example()
    example.features.feature[LABEL].int64_list.value.append(number % 3)
    example.features.feature[KEY].bytes_list.value.append(f"row {number}".encode())
    example.features.feature[NUMERIC].float_list.value.append(number)
    return example.SerializeToString()


def in_order(folder, shards, most) -> tuple[np.ndarray, np.ndarray]:
    folder.mkdir()
    for place, shard in enumerate(shards):
        with tf.io.TFRecordWriter(str(folder / f"{place}.gz"), "GZIP") as writer:
            for number in shard:
                writer.write(record(number))
    split, _ = transformed_split(
        str(folder), SimpleNamespace(transformed_feature_spec=lambda: SPEC), most, seed=1
    )
    return split.labels[split.order], split.columns().numeric[split.order]


def test_records_come_in_one_order_however_they_lie_in_files(tmp_path):
    numbers = range(SIZE)
    for most in (SIZE, 36):
        labels, columns = in_order(tmp_path / f"one-{most}", [numbers], most)
        again = in_order(tmp_path / f"two-{most}", [numbers[25:], numbers[:25]], most)
        assert labels.tolist() == again[0].tolist() == (columns[:, 0] % 3).tolist()
        assert columns.tolist() == again[1].tolist()
