"""Fitted trees as a Keras model of a table's columns."""

from collections.abc import Sequence

import keras
import numpy as np

from models.network.classifier import InputShape
from models.network.tabular.column_inputs import column_inputs
from models.network.trees.binary_logits import BinaryLogits
from models.network.trees.category_statistics import CategoryStatistics
from models.network.trees.fitted_trees import FittedTrees
from models.network.trees.oblivious_trees import ObliviousTrees
from models.network.trees.tree_columns import TreeColumns


def trees_model(inputs: InputShape, fitted: FittedTrees, group_sizes: Sequence[int] = ()) -> keras.Model:
    """Makes the model that answers as the fitted trees do.

    It holds TensorFlow's own operations alone, and the trees as weights that no training changes: it is
    saved, exported and served as a network is.

    Args:
        inputs: What a record holds; an image has no part in it.
        fitted: Trees that were fitted on columns of the same numbers and sizes.
        group_sizes: Number of trees of each fit, where they are of several; see `joined_trees`.

    Returns:
        A model from a dict to logits, float32 `(batch, num_classes)`, or `(batch, fits, num_classes)` of several, whose
        softmax are the trees' probabilities; for two classes they are 0 and the log odds of the second one. The dict holds the columns as those of
        `build_classifier`: `numeric` and `missing`, float32 `(batch, num_numeric)`; `categorical`, int64
        `(batch, len(categorical_sizes))`.

    Raises:
        ValueError: The trees were fitted on other columns, or the record has none.
    """
    # === Config ===
    sizes = inputs.categorical_sizes
    if (inputs.num_numeric, sizes) != (fitted.num_numeric, fitted.categorical_sizes):
        raise ValueError(
            "Trees answer for the columns that they were fitted on. Received: "
            f"num_numeric={inputs.num_numeric}, categorical_sizes={sizes} for trees fitted on "
            f"num_numeric={fitted.num_numeric}, categorical_sizes={fitted.categorical_sizes}"
        )
    num_trees, num_leaves, outputs = fitted.leaf_values.shape
    num_combinations = len(fitted.offsets)

    # === Layers ===
    columns = TreeColumns(sizes, fitted.one_hot.tolist(), name="tree_columns")
    depth = num_leaves.bit_length() - 1
    trees = ObliviousTrees(num_trees, depth, len(fitted.borders), outputs, group_sizes, name="trees")

    # === Functional Model ===
    tensors = column_inputs(inputs.num_numeric, sizes)
    features = columns(list(tensors.values()) if inputs.num_numeric else tensors["categorical"])
    if num_combinations:
        num_rows, num_statistics = fitted.statistics.shape
        statistics = CategoryStatistics(
            len(fitted.condition_borders),
            num_combinations,
            num_rows,
            num_statistics,
            name="category_statistics",
        )
        features = statistics([features, tensors["categorical"]])
        _set_weights(statistics, fitted)
    raw = trees(features)
    _set_weights(trees, fitted)
    logits = BinaryLogits(name="logits")(raw) if outputs == 1 else raw
    return keras.Model(tensors, logits, name="trees")


def _set_weights(layer: keras.layers.Layer, fitted: FittedTrees) -> None:
    """Gives a layer the arrays that have its weights' names."""
    for name in layer.WEIGHTS:
        getattr(layer, name).assign(np.asarray(getattr(fitted, name), np.float32))
