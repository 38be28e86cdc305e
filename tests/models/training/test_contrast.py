"""What the supervised contrastive loss does to embeddings of records that were not trained on."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

from core.augmentation.settings import AugmentationSettings
from core.features import LABEL, MISSING, NUMERIC
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.settings import LossSettings, ModelSettings, TrainingSettings
from models.training.job import Trained, TrainingJob

PIXELS = 64
NUM_TRAIN = 900
SPEC = {
    NUMERIC: tf.io.FixedLenFeature([PIXELS], tf.float32),
    MISSING: tf.io.FixedLenFeature([PIXELS], tf.float32),
    LABEL: tf.io.FixedLenFeature([], tf.int64),
}


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return (pixels[order] / 8 - 1).astype(np.float32), labels[order]


@pytest.fixture(scope="module")
def long_tailed(digits) -> np.ndarray:
    """Positions of train: some 90 zeros down to six nines."""
    labels = digits[1][:NUM_TRAIN]
    return np.concatenate(
        [np.flatnonzero(labels == label)[: int(90 * 0.7**label) + 3] for label in range(10)]
    )


def written(path: Path, pixels: np.ndarray, labels: np.ndarray) -> ExampleFiles:
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row, label in zip(pixels, labels, strict=True):
            features = {
                NUMERIC: tf.train.Feature(float_list=tf.train.FloatList(value=row)),
                MISSING: tf.train.Feature(float_list=tf.train.FloatList(value=[0.0] * PIXELS)),
                LABEL: tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    return ExampleFiles([str(path)], SPEC, (8, 8), 1)


def between_to_within(trained: Trained, pixels: np.ndarray, labels: np.ndarray) -> float:
    """How far apart the classes' mean embeddings are, beside how far those of a class are from their mean."""
    embed = keras.Model(trained.model.input, trained.model.get_layer("embedding").output)
    vectors = embed({"numeric": pixels, "missing": np.zeros_like(pixels)}, training=False).numpy()
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    means = np.stack([vectors[labels == label].mean(axis=0) for label in range(10)])
    within = ((vectors - means[labels]) ** 2).sum(axis=1).mean()
    return float(((means - means.mean(axis=0)) ** 2).sum(axis=1).mean() / within)


def test_contrast_moves_classes_apart(digits, long_tailed, trained_by, tmp_path):
    pixels, labels = digits
    held, held_labels = pixels[NUM_TRAIN:], labels[NUM_TRAIN:]
    train = written(tmp_path / "train.gz", pixels[long_tailed], labels[long_tailed])
    evaluation = written(tmp_path / "eval.gz", held[:100], held_labels[:100])
    ratios = []
    for contrastive in (0.0, 0.5):
        job = TrainingJob(
            InputShape(num_numeric=PIXELS),
            [str(label) for label in range(10)],
            train,
            evaluation,
            ModelSettings(tabular={"hidden_units": (64,)}, embedding_units=32),
            LossSettings(class_weights="none", contrastive=contrastive),
            TrainingSettings(epochs=12, patience=None, monitor="val_loss"),
            AugmentationSettings(),
            0,
        )
        ratios.append(between_to_within(trained_by(job), held, held_labels))
    assert ratios[1] > 1.1 * ratios[0]
