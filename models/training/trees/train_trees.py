"""Fits trees on the records of a training, as the network sees them."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from core.features import CATEGORICAL, KEY, LABEL, MISSING, NUMERIC
from models.input.dataset import ExampleFiles
from models.network.class_weights import class_weights
from models.network.trees.fitted_trees import FittedTrees
from models.training.job import TrainingJob
from models.training.trees.fit_trees import fit_trees
from models.training.trees.tree_records import TreeRecords

_READ_AT_ONCE = 4096


@dataclass(frozen=True)
class TrainedTrees:
    """Trees of a training.

    Attributes:
        fitted: The trees.
        prior: Class shares that their probabilities assume, `(classes,)`, sum 1.
    """

    fitted: FittedTrees
    prior: tuple[float, ...]


def train_trees(job: TrainingJob) -> TrainedTrees:
    """Fits trees on the columns of a training's records, each weighing what it weighs in the loss.

    The held-out records decide the number of trees, as they decide the epoch of the network.

    Args:
        job: What is trained; an image takes no part.

    Raises:
        ValueError: The records have no columns.
    """
    if not job.inputs.has_table:
        raise ValueError(
            "model.tabular.trees are fitted on columns, and the records have none. Received: "
            "model.tabular.trees.enabled=True. Set it to false, or name columns in data.numeric or data.categorical."
        )
    train = read_columns(job.train)
    held_out = read_columns(job.evaluation)
    counts = np.bincount(train.labels, minlength=len(job.classes))
    weights = class_weights(counts, job.loss.class_weights, job.loss.beta).astype(np.float64)
    masses = counts * weights
    fitted = fit_trees(
        _weighed(train, weights),
        _weighed(held_out, weights),
        len(job.classes),
        job.inputs.categorical_sizes,
        job.model.tabular.trees,
        job.seed,
    )
    return TrainedTrees(fitted, tuple((masses / masses.sum()).tolist()))


def read_columns(files: ExampleFiles) -> TreeRecords:
    """Reads the columns of all records into memory, sorted by the records' keys where they have any."""
    rules = {
        name: files.feature_spec[name]
        for name in (NUMERIC, MISSING, CATEGORICAL, LABEL, KEY)
        if name in files.feature_spec
    }
    found: dict[str, list[np.ndarray]] = {name: [] for name in rules}
    for serialized in tf.data.TFRecordDataset(files.paths, "GZIP").batch(_READ_AT_ONCE):
        for name, values in tf.io.parse_example(serialized, rules).items():
            found[name].append(values.numpy())
    read = {name: np.concatenate(values) for name, values in found.items()}
    labels = read[LABEL].reshape(-1)
    order = np.argsort(read[KEY].reshape(-1), kind="stable") if KEY in read else np.arange(len(labels))
    none = np.zeros((len(labels), 0))
    numeric, missing, categorical = (read.get(name, none)[order] for name in (NUMERIC, MISSING, CATEGORICAL))
    return TreeRecords(numeric, missing, categorical.astype(np.int64), labels[order])


def _weighed(records: TreeRecords, weights: np.ndarray) -> TreeRecords:
    if np.all(weights == weights[0]):
        return records
    return TreeRecords(
        records.numeric, records.missing, records.categorical, records.labels, weights[records.labels]
    )
