"""Fits gradient-boosted trees on a table's columns."""

from dataclasses import replace

import numpy as np

from models.network.trees.fitted_trees import FittedTrees
from models.settings.trees import TreesSettings
from models.training.trees.catboost_classifier import catboost_classifier, catboost_pool
from models.training.trees.category_tables import num_rows
from models.training.trees.exported_trees import exported, exported_trees
from models.training.trees.tree_records import TreeRecords

# Columns that CatBoost combines at most: its default, and less where the tables of all combinations grow too large.
_COMPLEXITIES = (4, 2, 1)
# The rows of as many fits as there may be folds are numbered exactly in float32.
_MOST_ROWS = 2**19


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
    if held_out is not None:
        _check(held_out, num_classes, sizes, least=0)
    present = np.unique(train.labels)
    if len(present) < 2 or not _varies(train):
        return _shares(train, num_classes, sizes)
    places = np.full(num_classes, -1)
    places[present] = np.arange(len(present))
    train = replace(train, labels=places[train.labels])
    if held_out is not None:
        held_out = held_out.taken(np.isin(held_out.labels, present))
        held_out = replace(held_out, labels=places[held_out.labels]) if len(held_out) else None
    fitted = _within_memory(train, held_out, sizes, settings, seed, thread_count)
    return fitted if num_classes == 2 else _with_absent_classes(fitted, present, num_classes, len(train))


def _within_memory(
    train: TreeRecords,
    held_out: TreeRecords | None,
    sizes: tuple[int, ...],
    settings: TreesSettings,
    seed: int,
    thread_count: int,
) -> FittedTrees:
    """Fits trees that combine no more columns than leaves their tables small enough."""
    two_largest = sorted(sizes)[-2:]
    for complexity in _COMPLEXITIES:
        if complexity > 1 and len(two_largest) > 1 and np.prod(two_largest) > _MOST_ROWS:
            continue
        classifier = catboost_classifier(train, held_out, settings, seed, complexity, thread_count)
        model = exported(classifier, catboost_pool(train))
        if complexity == 1 or num_rows(model, sizes) <= _MOST_ROWS:
            break
    return exported_trees(model, train.numeric.shape[1], sizes)


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


def _varies(records: TreeRecords) -> bool:
    """Says whether a column has two values; CatBoost refuses records that are all alike."""
    numbers = np.where(records.missing > 0, np.nan, records.numeric)
    return any(len(np.unique(column)) > 1 for column in (*numbers.T, *records.categorical.T))


def _shares(train: TreeRecords, num_classes: int, sizes: tuple[int, ...]) -> FittedTrees:
    """Answers with the classes' shares, one record of each class added, whatever the columns are."""
    weights = np.ones(len(train)) if train.weights is None else train.weights / np.mean(train.weights)
    logits = np.log((np.bincount(train.labels, weights, num_classes) + 1) / (len(train) + num_classes))
    bias = logits[1:] - logits[:1] if num_classes == 2 else logits
    return exported_trees(
        {"features_info": {}, "oblivious_trees": [], "scale_and_bias": (1, bias)},
        train.numeric.shape[1],
        sizes,
    )


def _with_absent_classes(
    fitted: FittedTrees, present: np.ndarray, num_classes: int, num_records: int
) -> FittedTrees:
    """Gives the classes without records a place among the outputs, and the first of two a 0."""
    bias = np.full(num_classes, -np.log(num_records + num_classes), np.float32)
    leaf_values = np.zeros((*fitted.leaf_values.shape[:2], num_classes), np.float32)
    told = present[1:] if len(fitted.bias) == 1 else present
    bias[present] = 0
    bias[told] = fitted.bias
    leaf_values[..., told] = fitted.leaf_values
    return replace(fitted, bias=bias, leaf_values=leaf_values)
