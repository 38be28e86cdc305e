"""Strategies of augmentation on a folder of images."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.augmented.figures import Figures, Measure, figures_of
from core.augmentation.settings import COPIED_IMAGES, EMBEDDED_IMAGES, MIXED_IMAGES

NONE = "none"
_MADE_BEFORE = (NONE, *COPIED_IMAGES)
IMAGE_STRATEGIES = (*_MADE_BEFORE, *MIXED_IMAGES)
PRETRAINED_STRATEGIES = (*IMAGE_STRATEGIES, *EMBEDDED_IMAGES)


def image_measure(folder: Path, weights: str | None, epochs: int) -> Measure:
    """Makes the function that trains and scores a strategy on a folder of images."""
    import tensorflow as tf

    from benchmarks.image_splits import split_images, trained_on

    def measure(strategy: str, seed: int) -> Figures:
        natural = split_images(folder, seed)
        with tempfile.TemporaryDirectory() as scratch:
            is_made_before = strategy in _MADE_BEFORE and strategy != NONE
            splits = with_new_images(natural, strategy, seed, Path(scratch)) if is_made_before else natural
            share = len(natural.labels["train"]) / len(splits.labels["train"])
            settings = {
                **image_settings(weights, max(round(epochs * share), 1)),
                "loss": {"name": "cross_entropy", "class_weights": "none"},
                "augmentation": {} if strategy in _MADE_BEFORE else {"image": strategy},
            }
            size = tuple(settings["model"]["image"]["size"])
            files = {name: splits.write(name, Path(scratch), size) for name in ("train", "eval", "test")}
            tf.keras.backend.clear_session()
            trained = trained_on(splits, files, settings, seed)
            logits = trained.model.predict(files["test"].batches(256, len(splits.labels["test"])), verbose=0)
        return figures_of(
            np.asarray(tf.nn.softmax(tf.cast(logits, tf.float64))),
            splits.labels["test"],
            splits.classes,
            np.asarray(trained.best.prior),
            np.bincount(natural.labels["train"]) / len(natural.labels["train"]),
        )

    return measure


def with_new_images(splits: Any, strategy: str, seed: int, folder: Path) -> Any:
    """Returns splits whose train has as many files of every class, new ones written below `folder`."""
    from components.minority_augmenter.new_images import class_strengths, new_image, operations_asked
    from components.minority_augmenter.resample import resample
    from components.minority_augmenter.rows import Rows
    from core.augmentation.growth_plan import plan_counts
    from core.augmentation.settings import AugmentationSettings

    files, labels = splits.files["train"], splits.labels["train"]
    settings = AugmentationSettings(image=strategy)
    counts = np.bincount(labels, minlength=len(splits.classes))
    plan = plan_counts(dict(zip(splits.classes, counts.tolist(), strict=True)), settings)
    make = {splits.classes.index(name): size for name, size in plan.make.items()}
    empty = Rows(
        np.zeros((len(labels), 0), np.float32), np.zeros((len(labels), 0), np.float32), labels[:, None]
    )
    made = resample(empty, labels, make, "copy", neighbours=1, seed=seed)
    operations, strengths = operations_asked(settings), class_strengths(settings, counts.tolist())
    new = []
    for number, (parent, label) in enumerate(zip(made.parents[:, 0], made.labels, strict=True)):
        source = files[parent]
        path = folder / f"{number}{source.suffix}"
        path.write_bytes(
            new_image(source.read_bytes(), source.name.encode(), operations, strengths[label], number, seed)
        )
        new.append(path)
    return dataclasses.replace(
        splits,
        files={**splits.files, "train": [*files, *new]},
        labels={**splits.labels, "train": np.concatenate([labels, made.labels])},
    )


def image_settings(weights: str | None, epochs: int) -> dict[str, Any]:
    """Returns model and training: a small network, or, with weights, a head on a frozen MobileNetV2."""
    image = (
        {"backbone": "small_cnn", "size": [64, 64]}
        if weights is None
        else {
            "backbone": "MobileNetV2",
            "alpha": 0.35,
            "weights": weights,
            "size": [96, 96],
            "fine_tune": "none",
        }
    )
    return {
        "model": {"image": image},
        "training": {
            "epochs": epochs,
            "batch_size": 32,
            "patience": None,
            "monitor": "val_macro_average_precision",
        },
    }
