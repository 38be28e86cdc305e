"""Measures how much faster the frozen epochs of a pretrained backbone are with features kept.

Command:  python -m benchmarks.frozen_phase [--images 1770] [--epochs 7] [--size 96]
Time:     about a minute on 2 cores.
Prints:   seconds of an epoch on images, of one on kept features, both medians of epochs in turn, of computing the
          features, and the ratio of the first two. The aim is a ratio of at least 20.
"""

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

from models.network.classifier import InputShape, build_classifier
from models.network.fine_tuning import set_trainable
from models.network.frozen_features import embed
from models.settings import ImageModelSettings, ModelSettings

_NUM_CLASSES = 6
_BATCH_SIZE = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1770, help="as many as TrashNet's train split has")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--size", type=int, default=96)
    arguments = parser.parse_args()

    size = (arguments.size, arguments.size)
    # Random weights: what a frozen backbone costs does not depend on what it has learnt.
    image = ImageModelSettings(backbone="MobileNetV2", alpha=0.35, size=size)
    counts = np.full(_NUM_CLASSES, arguments.images // _NUM_CLASSES)
    model = build_classifier(InputShape(image=(*size, 3)), ModelSettings(image=image), counts, seed=0)
    set_trainable(model, "head")
    batches = _random_batches(arguments.images, size)
    started = time.perf_counter()
    kept, head = embed(model, batches)
    embedding = time.perf_counter() - started
    for network in (model, head):
        network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    seconds: dict[str, list[float]] = {"images": [], "features": []}
    # The first round, which also traces the graphs, is left out.
    for _ in range(arguments.epochs + 1):
        seconds["images"].append(_seconds_of_an_epoch(model, batches))
        seconds["features"].append(_seconds_of_an_epoch(head, kept))
    on_images, on_features = (statistics.median(taken[1:]) for taken in seconds.values())
    print(f"{arguments.images} images of {size[0]} x {size[1]} pixels, MobileNetV2 at alpha 0.35, frozen")
    print(f"epoch on images    {on_images:8.3f} s")
    print(f"computing features {embedding:8.3f} s, once")
    print(f"epoch on features  {on_features:8.3f} s")
    print(f"ratio              {on_images / on_features:8.1f}  (aim: at least 20)")


def _random_batches(num_images: int, size: tuple[int, int]) -> tf.data.Dataset:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (num_images, *size, 3), np.uint8)
    labels = random.integers(0, _NUM_CLASSES, num_images)
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(_BATCH_SIZE)
    return batches.map(lambda image, label: ({"image": tf.cast(image, tf.float32)}, label))


def _seconds_of_an_epoch(model: keras.Model, batches: tf.data.Dataset) -> float:
    started = time.perf_counter()
    model.fit(batches, epochs=1, verbose=0)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
