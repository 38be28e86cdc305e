"""Measures how much faster the frozen epochs of a pretrained backbone are with features kept.

Command:  python -m benchmarks.frozen_phase [--images 1770] [--epochs 3] [--rounds 5] [--size 96]
Time:     about a minute on 2 cores.
Prints:   seconds of an epoch on images and of one on kept features, all from memory and drawn and shuffled as
          training does it, medians of all epochs but the first of each fit, in turn, and their ratio, of which at
          least 20 is the aim. Of the features twice: with one step at a time, as a short phase takes them, and
          with several at once, as a phase of thousands of steps does. Besides, the seconds of computing them.
"""

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

from models.input.batches import BatchPlan, batches_of_arrays
from models.network.classifier import InputShape, build_classifier
from models.network.fine_tuning import set_trainable
from models.network.metrics import make_metrics
from models.settings import ImageModelSettings, ModelSettings
from models.training.callbacks.finite_loss import FiniteLoss
from models.training.frozen_batches import frozen_batches
from models.training.steps_at_once import AT_ONCE

_NUM_CLASSES = 6
_BATCH_SIZE = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1770, help="as many as TrashNet's train split has")
    parser.add_argument("--epochs", type=int, default=3, help="epochs of a fit that count")
    parser.add_argument("--rounds", type=int, default=5, help="fits of each kind")
    parser.add_argument("--size", type=int, default=96)
    arguments = parser.parse_args()

    size = (arguments.size, arguments.size)
    images, labels = _random_images(arguments.images, size)
    counts = np.bincount(labels, minlength=_NUM_CLASSES)
    # Random weights: what a frozen backbone costs does not depend on what it has learnt.
    settings = ModelSettings(image=ImageModelSettings(backbone="MobileNetV2", alpha=0.35, size=size))
    model = build_classifier(InputShape(image=(*size, 3)), settings, counts, seed=0)
    set_trainable(model, "head")
    records = tf.data.Dataset.from_tensor_slices(({"image": images}, labels)).batch(256)
    records = records.map(lambda inputs, label: ({"image": tf.cast(inputs["image"], tf.float32)}, label))
    plan = BatchPlan(_BATCH_SIZE, counts.tolist(), seed=0)
    started = time.perf_counter()
    single = frozen_batches(model, records, records.take(1), plan)
    embedding = time.perf_counter() - started
    looped = frozen_batches(model, records, records.take(1), plan)
    assert single is not None and looped is not None
    from_images = batches_of_arrays({"image": tf.constant(images)}, tf.constant(labels), plan)
    runs: dict[str, tuple[keras.Model, tf.data.Dataset, int]] = {
        "images": (model, from_images, 1),
        "features": (single.head, single.train, 1),
        f"features, {AT_ONCE} steps at once": (looped.head, looped.train, AT_ONCE),
    }
    for network, _, at_once in runs.values():
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile("adam", loss, metrics=make_metrics(_NUM_CLASSES), steps_per_execution=at_once)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(arguments.rounds):
        for name, (network, batches, _) in runs.items():
            taken[name] += _seconds_of_epochs(network, batches, arguments.epochs)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    print(f"{arguments.images} images of {size[0]} x {size[1]} pixels, MobileNetV2 at alpha 0.35, frozen")
    print(f"{'computing features':32}{embedding:8.3f} s, once")
    for name, seconds in medians.items():
        print(f"{'epoch on ' + name:32}{seconds:8.3f} s, ratio {medians['images'] / seconds:5.1f}")


def _random_images(num_images: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (num_images, *size, 3), np.uint8)
    return images, random.integers(0, _NUM_CLASSES, num_images)


class _EpochSeconds(keras.callbacks.Callback):
    """Notes how long every epoch takes."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._began = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self._began)


def _seconds_of_epochs(model: keras.Model, batches: tf.data.Dataset, epochs: int) -> list[float]:
    """Fits as training does, for one epoch more than asked: the first, which sets up, is left out."""
    watch = _EpochSeconds()
    model.fit(batches, epochs=epochs + 1, verbose=0, callbacks=[FiniteLoss(), watch])
    return watch.seconds[1:]


if __name__ == "__main__":
    main()
