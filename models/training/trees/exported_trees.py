"""Fitted trees out of CatBoost's JSON."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from models.network.trees.fitted_trees import FittedTrees
from models.training.trees.category_tables import CategoricalColumns, CategoryTables, category_tables

# No feature lies above it.
_NEVER = (0, np.inf)


def exported(classifier: Any, pool: Any) -> dict[str, Any]:
    """Returns the JSON of a fitted `CatBoostClassifier`, of which the pool explains the hashes.

    Reference: CatBoost's documentation, https://catboost.ai/docs/en/concepts/json-models
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trees.json")
        classifier.save_model(str(path), format="json", pool=pool)
        return json.loads(path.read_text())


def exported_trees(model: dict[str, Any], num_numeric: int, sizes: tuple[int, ...]) -> FittedTrees:
    """Takes the trees out of CatBoost's JSON.

    Args:
        model: The JSON, of oblivious trees; what `exported` returns.
        num_numeric: Number of numeric columns.
        sizes: Number of categories of each categorical column, whose texts were the indices.

    Returns:
        Trees of one depth, at least 1: those with fewer questions ask whether a feature lies above infinity.
    """
    columns = _categorical_columns(model, num_numeric, sizes)
    tables = category_tables(model, columns)
    num_plain = num_numeric + sum(sizes[column] for column in columns.first_flags)
    by_split = _online_ctrs(model, num_plain, tables)

    def question(split: dict[str, Any]) -> tuple[int, float]:
        if split["split_type"] == "FloatFeature":
            return split["float_feature_index"], split["border"]
        if split["split_type"] == "OneHotFeature":
            return columns.flag(split["cat_feature_index"], split["value"]), 0.5
        return by_split[split["split_index"]]

    questions = [[question(split) for split in tree["splits"] or []] for tree in model["oblivious_trees"]]
    scale, bias = model["scale_and_bias"]
    depth = max([1, *(len(asked) for asked in questions)])
    asked_at_all = {each for asked in questions for each in asked}
    numbers = {each: number for number, each in enumerate(sorted({*asked_at_all, _NEVER}))}
    splits = np.full((len(questions), depth), numbers[_NEVER], np.int32)
    leaf_values = np.zeros((len(questions), 2**depth, len(bias)))
    for place, (tree, asked) in enumerate(zip(model["oblivious_trees"], questions, strict=True)):
        splits[place, : len(asked)] = [numbers[each] for each in asked]
        leaf_values[place, : 2 ** len(asked)] = scale * np.reshape(tree["leaf_values"], (-1, len(bias)))
    return FittedTrees(
        num_numeric=num_numeric,
        categorical_sizes=sizes,
        one_hot=np.array([column in columns.first_flags for column in range(len(sizes))], bool),
        condition_features=np.array([feature for feature, _ in tables.conditions], np.int32),
        condition_borders=np.array([border for _, border in tables.conditions], np.float32),
        strides=tables.strides,
        offsets=tables.offsets,
        statistics=tables.statistics,
        border_features=np.array([feature for feature, _ in numbers], np.int32),
        borders=np.array([border for _, border in numbers], np.float32),
        splits=splits,
        leaf_values=leaf_values.astype(np.float32),
        bias=np.array(bias, np.float32),
    )


def _categorical_columns(
    model: dict[str, Any], num_numeric: int, sizes: tuple[int, ...]
) -> CategoricalColumns:
    info = model["features_info"]
    first_flags, first = {}, num_numeric
    for column, feature in enumerate(info.get("categorical_features") or []):
        if feature.get("values"):
            first_flags[column] = first
            first += sizes[column]
    hashes = {int(known["value"]): known["hash"] for known in info.get("cat_features_hash") or []}
    return CategoricalColumns(sizes, hashes, first_flags)


def _online_ctrs(
    model: dict[str, Any], num_plain: int, tables: CategoryTables
) -> dict[int, tuple[int, float]]:
    """Returns the feature and the border of each split by a statistic, by the split's number.

    Splits are numbered through: the borders of numbers, the categories with questions, the borders of statistics.
    """
    info = model["features_info"]
    number = sum(len(feature["borders"] or []) for feature in info.get("float_features") or [])
    number += sum(len(feature.get("values") or []) for feature in info.get("categorical_features") or [])
    by_split = {}
    width = tables.statistics.shape[1]
    for ctr, (combination, place) in zip(info.get("ctrs") or [], tables.places, strict=True):
        for border in ctr["borders"]:
            by_split[number] = (num_plain + combination * width + place, border)
            number += 1
    return by_split
