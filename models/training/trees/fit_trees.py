"""Fits gradient-boosted trees on a table's columns."""

from dataclasses import replace

import numpy as np

from models.network.trees.fitted_trees import FittedTrees
from models.settings.trees import TreesSettings
from models.training.trees.boosted_trees import (
    BoostedTrees,
    LabelledFeatures,
    boosted_trees,
    fitted_classifier,
)
from models.training.trees.tree_features import tree_features
from models.training.trees.tree_records import TreeRecords


def fit_trees(
    train: TreeRecords,
    held_out: TreeRecords | None,
    num_classes: int,
    sizes: tuple[int, ...],
    settings: TreesSettings,
    seed: int,
    thread_count: int = -1,
) -> FittedTrees:
    """Fits trees on training records.

    With `iterations` null as many trees are kept as give the lowest log loss on the records held out, and without such
    records CatBoost's 1000.

    A class without records is given the logit `-log(records + classes)`: the others' logits of CatBoost lie around
    0, so that its probability is about as low as one unseen in so many records may have. Where records are all of one
    class, or no column tells any of them apart, there is no tree, and the answer is the classes' shares, with
    one record of each class added.

    Args:
        train: Training records, at least one.
        held_out: Records that decide the number of trees, or None. Those of classes without training records are left
            aside.
        num_classes: Number of classes, at least 2.
        sizes: Number of categories of each categorical column, unknown ones included.
        settings: Of the trees; `enabled` is not looked at.
        seed: Decides what is drawn, at least 0. The same seed gives the same trees with any number of threads.
        thread_count: Threads of CatBoost; -1 is one for each core.

    Returns:
        The trees, for `trees_model`.

    Raises:
        ValueError: There is no record, fewer than two classes, or a label, category or weight out of range.
    """
    _check(train, num_classes, sizes)
    features = tree_features(train, num_classes, sizes, settings.one_hot_max_size, seed)
    present = np.unique(train.labels)
    if len(present) > 1 and _varies(features.train):
        places = np.full(num_classes, -1)
        places[present] = np.arange(len(present))
        kept = None
        if held_out is not None:
            _check(held_out, num_classes, sizes, least=0)
            kept = held_out.taken(np.isin(held_out.labels, present))
        classifier = fitted_classifier(
            LabelledFeatures(features.train, places[train.labels], train.weights),
            LabelledFeatures(features.of(kept), places[kept.labels], kept.weights) if kept else None,
            settings,
            seed,
            thread_count,
        )
        boosted = boosted_trees(classifier)
        if num_classes > 2:
            boosted = _with_absent_classes(boosted, present, num_classes, len(train))
    else:
        boosted = _shares(train, num_classes)
    return FittedTrees(
        num_numeric=train.numeric.shape[1],
        categorical_sizes=tuple(sizes),
        border_features=boosted.border_features,
        borders=boosted.borders,
        splits=boosted.splits,
        leaf_values=boosted.leaf_values.astype(np.float32),
        bias=boosted.bias.astype(np.float32),
        one_hot=features.one_hot,
        category_statistics=features.statistics,
    )


def _check(records: TreeRecords, num_classes: int, sizes: tuple[int, ...], least: int = 1) -> None:
    """Refuses records that do not fit the numbers of classes and categories."""
    if num_classes < 2 or len(records) < least:
        raise ValueError(
            "Trees need two classes and a record to be fitted on. "
            f"Received: num_classes={num_classes}, {len(records)} record(s)"
        )
    if records.categorical.shape[1:] != (len(sizes),):
        raise ValueError(
            "`categorical` must hold a column for each of `sizes`. "
            f"Received: shape {records.categorical.shape}, sizes={sizes}"
        )
    if records.weights is not None and len(records):
        lightest, heaviest = records.weights.min(), records.weights.max()
        # Asked like this, NaN is refused too.
        if not (lightest >= 0 and 0 < heaviest < np.inf):
            raise ValueError(
                "`weights` must be finite, at least 0, and not all 0. "
                f"Received: weights from {lightest} to {heaviest}"
            )
    ranges = [("labels", records.labels, num_classes)]
    ranges += [(f"categorical[:, {i}]", records.categorical[:, i], size) for i, size in enumerate(sizes)]
    for name, values, size in ranges:
        if len(values) and not (values.min() >= 0 and values.max() < size):
            raise ValueError(
                f"`{name}` must lie in [0, {size}). Received: values from {values.min()} to {values.max()}"
            )


def _varies(features: np.ndarray) -> bool:
    """Says whether a feature has two values; CatBoost refuses records that are all alike."""
    return any(len(np.unique(column)) > 1 for column in features.T)


def _shares(train: TreeRecords, num_classes: int) -> BoostedTrees:
    """Answers with the classes' shares, one record of each class added, whatever the features are."""
    weights = np.ones(len(train)) if train.weights is None else train.weights / np.mean(train.weights)
    logits = np.log((np.bincount(train.labels, weights, num_classes) + 1) / (len(train) + num_classes))
    bias = logits[1:] - logits[:1] if num_classes == 2 else logits
    return BoostedTrees(
        border_features=np.zeros(1, np.int32),
        borders=np.full(1, np.inf, np.float32),
        splits=np.zeros((0, 1), np.int32),
        leaf_values=np.zeros((0, 2, len(bias))),
        bias=bias,
    )


def _with_absent_classes(
    boosted: BoostedTrees, present: np.ndarray, num_classes: int, num_records: int
) -> BoostedTrees:
    """Gives the classes without records a place among the outputs, and the first of two a 0."""
    bias = np.full(num_classes, -np.log(num_records + num_classes))
    leaf_values = np.zeros((*boosted.leaf_values.shape[:2], num_classes))
    told = present[1:] if len(boosted.bias) == 1 else present
    bias[present] = 0
    bias[told] = boosted.bias
    leaf_values[..., told] = boosted.leaf_values
    return replace(boosted, bias=bias, leaf_values=leaf_values)
