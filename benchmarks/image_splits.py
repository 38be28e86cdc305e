"""Folders of images as the pipeline's transformed examples, split, written and trained on without the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from core.features import IMAGE, LABEL
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.settings import TrainingSections
from models.training.job import Trained, TrainingJob
from models.training.train import train

_SPEC = {IMAGE: tf.io.FixedLenFeature([], tf.string), LABEL: tf.io.FixedLenFeature([], tf.int64)}
_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")


@dataclass(frozen=True)
class ImageSplits:
    """Image files and class indices of the three splits.

    Attributes:
        classes: Class names, the commonest first.
        files: Split to image files.
        labels: Split to class indices, int64.
    """

    classes: tuple[str, ...]
    files: dict[str, list[Path]]
    labels: dict[str, np.ndarray]

    def write(self, split: str, folder: Path, size: tuple[int, int]) -> ExampleFiles:
        """Writes a split as one TFRecord file, and returns it as the trainer reads it."""
        path = folder / f"{split}.gz"
        with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
            for file, label in zip(self.files[split], self.labels[split], strict=True):
                features = {
                    IMAGE: tf.train.Feature(bytes_list=tf.train.BytesList(value=[file.read_bytes()])),
                    LABEL: tf.train.Feature(int64_list=tf.train.Int64List(value=[int(label)])),
                }
                writer.write(
                    tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
                )
        return ExampleFiles([str(path)], _SPEC, size, 3)


def split_images(folder: Path, seed: int) -> ImageSplits:
    """Splits a folder of images by class and seed: 70 % train, 15 % eval, 15 % test.

    Where it holds the folders `train` and `test`, test is taken as it is, and a tenth of train is eval.

    Args:
        folder: One folder of images a class, or `train` and `test` with such folders.
        seed: Decides the split.
    """
    if (folder / "train").is_dir():
        files, names = _files(folder / "train")
        test_files, test_names = _files(folder / "test")
        train, held = train_test_split(
            np.arange(len(files)), test_size=0.1, stratify=names, random_state=seed
        )
        chosen = {"train": _pick(files, train), "eval": _pick(files, held), "test": test_files}
        named = {"train": _pick(names, train), "eval": _pick(names, held), "test": test_names}
    else:
        files, names = _files(folder)
        train, rest = train_test_split(
            np.arange(len(files)), test_size=0.3, stratify=names, random_state=seed
        )
        held, test = train_test_split(rest, test_size=0.5, stratify=_pick(names, rest), random_state=seed)
        rows = {"train": train, "eval": held, "test": test}
        chosen = {split: _pick(files, picked) for split, picked in rows.items()}
        named = {split: _pick(names, picked) for split, picked in rows.items()}
    counts = {name: named["train"].count(name) for name in set(named["train"])}
    classes = tuple(sorted(counts, key=lambda name: (-counts[name], name)))
    labels = {
        split: np.array([classes.index(name) for name in of_split]) for split, of_split in named.items()
    }
    return ImageSplits(classes, chosen, labels)


def trained_on(
    splits: ImageSplits, files: dict[str, ExampleFiles], settings: dict[str, Any], seed: int
) -> Trained:
    """Trains a network on train and eval.

    Args:
        splits: Says which classes there are.
        files: Split to what `ImageSplits.write` wrote.
        settings: `model`, `loss`, `training` and `augmentation`, as in an experiment.
        seed: Decides everything random.
    """
    sections = TrainingSections.from_config({**settings, "seed": seed})
    image = sections.model.image
    job = TrainingJob(
        InputShape(image=(*image.size, image.channels)),
        splits.classes,
        files["train"],
        files["eval"],
        sections.model,
        sections.loss,
        sections.training,
        sections.augmentation,
        sections.seed,
    )
    return train(job)


def _files(folder: Path) -> tuple[list[Path], list[str]]:
    files = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in _ENDINGS)
    if not files:
        raise SystemExit(f"{folder} holds no folders of images: unpack the data there.")
    return files, [path.parent.name for path in files]


def _pick(values: list, places: Sequence[int] | np.ndarray) -> list:
    return [values[place] for place in places]
