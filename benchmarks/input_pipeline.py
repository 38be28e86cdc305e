"""Training fed from TFRecords against training fed from tensors in memory: epochs per second of each.

Usage: python -m benchmarks.input_pipeline (about three minutes on 2 cores). The aim is a ratio of at least 0.95.
"""

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.features import CATEGORICAL, IMAGE, LABEL, MISSING, NUMERIC
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape, build_classifier
from models.settings import ModelSettings

COUNTS = (3000, 900, 200)
SIDE = 32
NUM_NUMERIC, CATEGORIES = 20, (10, 200)
BATCH_SIZE = 64
ROUNDS = 7
SHAPES = {
    "images, small_cnn": InputShape(image=(SIDE, SIDE, 3)),
    "tables, mlp": InputShape(num_numeric=NUM_NUMERIC, categorical_sizes=CATEGORIES),
}
SPEC = {
    LABEL: tf.io.FixedLenFeature([], tf.int64),
    IMAGE: tf.io.FixedLenFeature([], tf.string),
    NUMERIC: tf.io.FixedLenFeature([NUM_NUMERIC], tf.float32),
    MISSING: tf.io.FixedLenFeature([NUM_NUMERIC], tf.float32),
    CATEGORICAL: tf.io.FixedLenFeature([len(CATEGORIES)], tf.int64),
}
NAMES = {IMAGE: "image", NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}


def made_up(has_image: bool, repeats: int) -> dict[str, np.ndarray]:
    """Makes records whose class shows in every column and pixel."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.repeat(np.arange(len(COUNTS)), np.multiply(COUNTS, repeats)))
    if has_image:
        pixels = random.normal(80 + 40 * labels[:, None, None, None], 50, (len(labels), SIDE, SIDE, 3))
        return {LABEL: labels, IMAGE: pixels.clip(0, 255).astype(np.uint8)}
    return {
        LABEL: labels,
        NUMERIC: random.normal(labels[:, None], 2, (len(labels), NUM_NUMERIC)).astype(np.float32),
        MISSING: (random.random((len(labels), NUM_NUMERIC)) < 0.1).astype(np.float32),
        CATEGORICAL: random.integers(0, CATEGORIES, (len(labels), len(CATEGORIES))),
    }


def feature(value: Any) -> tf.train.Feature:
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    if value.dtype.kind == "f":
        return tf.train.Feature(float_list=tf.train.FloatList(value=value))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=value.reshape(-1)))


def write(path: str, records: dict[str, np.ndarray]) -> None:
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for row in range(len(records[LABEL])):
            values = {name: column[row] for name, column in records.items()}
            if IMAGE in values:
                values[IMAGE] = tf.io.encode_png(values[IMAGE]).numpy()
            features = tf.train.Features(feature={name: feature(value) for name, value in values.items()})
            writer.write(tf.train.Example(features=features).SerializeToString())


def trained(model: keras.Model, *data: Any, **options: Any) -> float:
    """Trains for an epoch and returns the seconds it took."""
    start = time.perf_counter()
    model.fit(*data, epochs=1, verbose=0, **options)
    return time.perf_counter() - start


def measure(shape: InputShape, folder: Path) -> Iterable[tuple[str, list[float]]]:
    records = made_up(shape.image is not None, repeats=1 if shape.image else 10)
    path = str(folder / f"{'image' if shape.image else 'table'}.gz")
    write(path, records)
    files = ExampleFiles([path], {name: SPEC[name] for name in records}, (SIDE, SIDE), 3)
    counts = np.bincount(records[LABEL])
    model = build_classifier(shape, ModelSettings(), counts, seed=0)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    inputs = {NAMES[name]: tf.constant(values) for name, values in records.items() if name in NAMES}
    if shape.image:
        inputs["image"] = tf.cast(inputs["image"], tf.float32)
    labels = tf.constant(records[LABEL])
    options = {"batch_size": BATCH_SIZE, "shuffle": True}
    start = time.perf_counter()
    batches = files.training_batches(BATCH_SIZE, counts, seed=0)
    print(f"  read into memory in {time.perf_counter() - start:.1f} s", flush=True)
    feeds = {
        "tensors": lambda: trained(model, inputs, labels, **options),
        "TFRecords": lambda: trained(model, batches),
    }
    seconds: dict[str, list[float]] = {name: [] for name in feeds}
    for turn in range(ROUNDS + 1):
        for name, feed in feeds.items():
            taken = feed()
            if turn:  # The first compiles.
                seconds[name].append(taken)
    return seconds.items()


def main() -> None:
    keras.utils.set_random_seed(0)
    tf.config.experimental.enable_op_determinism()
    with tempfile.TemporaryDirectory() as folder:
        for kind, shape in SHAPES.items():
            print(kind, flush=True)
            rates = {}
            for name, seconds in measure(shape, Path(folder)):
                # The best of several, as other work on the machine only ever takes away.
                rates[name] = 1 / min(seconds)
                print(f"  {name}: {rates[name]:.3f} epochs/s, median {1 / statistics.median(seconds):.3f}")
            print(f"  ratio: {rates['TFRecords'] / rates['tensors']:.3f}", flush=True)


if __name__ == "__main__":
    main()
