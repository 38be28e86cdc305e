"""Statistics of categories and their combinations as tables, out of CatBoost's JSON.

CatBoost keeps what it counted under a hash of a combination's parts. Here every combination there may be has a row of a
table, whose number is a sum of the parts times strides, so that the graph needs neither hashes nor text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class CategoricalColumns:
    """The categorical columns as CatBoost's JSON speaks of them.

    Attributes:
        sizes: Number of categories of each column.
        hashes: CatBoost's hash of each category that it knows, in [0, 2^32), by category.
        first_flags: Feature of the first flag of each column that has flags, by column.
    """

    sizes: tuple[int, ...]
    hashes: dict[int, int]
    first_flags: dict[int, int]

    def flag(self, column: int, value: int) -> int:
        """Returns the feature that says whether a column has the category of a hash, which may be signed."""
        [category] = [category for category, known in self.hashes.items() if known == value % 2**32]
        return self.first_flags[column] + category


@dataclass(frozen=True)
class CategoryTables:
    """Tables of combinations of categories and conditions, a condition being that a feature lies above a border.

    Attributes:
        conditions: Feature and border of each condition.
        strides: What each column's category and, after them, each condition adds to the number of a row, int32
            `(columns + conditions, combinations)`.
        offsets: First row of each combination, int32 `(combinations,)`.
        statistics: float32 `(rows, most statistics of a combination)`.
        places: Combination of each of CatBoost's statistics, and its number there.
    """

    conditions: list[tuple[int, float]]
    strides: np.ndarray
    offsets: np.ndarray
    statistics: np.ndarray
    places: list[tuple[int, int]]


def num_rows(exported: dict[str, Any], sizes: Sequence[int]) -> int:
    """Says how many rows the tables of a model have."""
    combinations = {json.dumps(ctr["elements"]): ctr["elements"] for ctr in _statistics(exported)}
    return sum(int(np.prod(_shape(elements, sizes))) for elements in combinations.values())


def category_tables(exported: dict[str, Any], columns: CategoricalColumns) -> CategoryTables:
    """Makes the tables of a model.

    Of n records of a combination let n_1 be of classes above the statistic's border between classes. Then CatBoost has

        Borders: scale ((n_1 + prior) / (n + 1) + shift),    Counter: scale ((n + prior) / (n_max + 1) + shift)

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018,
    https://arxiv.org/abs/1706.09516; Dorogush et al., "CatBoost: gradient boosting with categorical features support",
    2018, section 3, https://arxiv.org/abs/1810.11363

    Args:
        exported: CatBoost's JSON.
        columns: The categorical columns.
    """
    conditions: list[tuple[int, float]] = []
    numbers: dict[str, int] = {}
    strides: list[dict[int, int]] = []
    tables: list[list[np.ndarray]] = []
    places: list[tuple[int, int]] = []
    for ctr in _statistics(exported):
        elements = ctr["elements"]
        number = numbers.setdefault(json.dumps(elements), len(numbers))
        if number == len(tables):
            strides.append(_strides(elements, columns, conditions))
            tables.append([])
        places.append((number, len(tables[number])))
        counted = exported["ctr_data"][ctr["identifier"]]
        tables[number].append(_table(ctr, counted, _hashes(elements, columns)))
    width = max((len(table) for table in tables), default=1)
    rows = [len(table[0]) for table in tables]
    statistics = np.zeros((sum(rows), width), np.float32)
    offsets = np.cumsum([0, *rows])[: len(rows)].astype(np.int32)
    for offset, table in zip(offsets, tables, strict=True):
        statistics[offset : offset + len(table[0]), : len(table)] = np.stack(table, axis=1)
    dense = np.zeros((len(columns.sizes) + len(conditions), len(tables)), np.int32)
    for number, by_part in enumerate(strides):
        for part, stride in by_part.items():
            dense[part, number] = stride
    return CategoryTables(conditions, dense, offsets, statistics, places)


def _statistics(exported: dict[str, Any]) -> list[dict[str, Any]]:
    return exported["features_info"].get("ctrs") or []


def _is_category(element: dict[str, Any]) -> bool:
    return element["combination_element"] == "cat_feature_value"


def _shape(elements: list[dict[str, Any]], sizes: Sequence[int]) -> list[int]:
    """Returns how many values each part of a combination has."""
    return [sizes[each["cat_feature_index"]] if _is_category(each) else 2 for each in elements]


def _strides(
    elements: list[dict[str, Any]], columns: CategoricalColumns, conditions: list[tuple[int, float]]
) -> dict[int, int]:
    """Returns the stride of each part, as `CategoryTables.strides` numbers them; adds new conditions."""
    shape = _shape(elements, columns.sizes)
    strides = {}
    for place, element in enumerate(elements):
        if _is_category(element):
            part = element["cat_feature_index"]
        else:
            condition = _condition(element, columns)
            if condition not in conditions:
                conditions.append(condition)
            part = len(columns.sizes) + conditions.index(condition)
        strides[part] = int(np.prod(shape[place + 1 :]))
    return strides


def _condition(element: dict[str, Any], columns: CategoricalColumns) -> tuple[int, float]:
    if element["combination_element"] == "float_feature":
        return element["float_feature_index"], element["border"]
    return columns.flag(element["cat_feature_index"], element["value"]), 0.5


def _hashes(elements: list[dict[str, Any]], columns: CategoricalColumns) -> np.ndarray:
    """Returns CatBoost's hash of each row of a combination, uint64 `(rows,)`."""
    shape = _shape(elements, columns.sizes)
    multiplier = np.uint64(0x4906BA494954CB65)
    hashes = np.zeros(int(np.prod(shape)), np.uint64)
    for element, values in zip(elements, np.indices(shape).reshape(len(shape), -1), strict=True):
        parts = values.astype(np.uint64)
        if _is_category(element):
            # A category that CatBoost does not know is in no table, whatever its hash.
            known = [columns.hashes.get(category, category) for category in range(int(values.max()) + 1)]
            # As CatBoost has it, of 32 bits with a sign.
            parts = np.array(known, np.uint32).astype(np.int32).astype(np.int64).astype(np.uint64)[values]
        hashes = multiplier * (hashes + multiplier * parts)
    return hashes


def _table(ctr: dict[str, Any], counted: dict[str, Any], hashes: np.ndarray) -> np.ndarray:
    """Returns a statistic of each row of a combination, float32 `(rows,)`."""
    entries = counted["hash_map"]
    stride = counted["hash_stride"]
    # Empty slots stand there too, under a hash that no combination has.
    slots = range(0, len(entries), stride)
    by_hash = {int(entries[first]): entries[first + 1 : first + stride] for first in slots}
    none = [0] * (stride - 1)
    counts = np.array([by_hash.get(int(each), none) for each in hashes], np.float32)
    if ctr["ctr_type"] == "Borders":
        above, records = counts[:, ctr["target_border_idx"] + 1 :].sum(axis=1), counts.sum(axis=1)
    else:
        above, records = counts[:, 0], np.full(len(counts), counted["counter_denominator"], np.float32)
    # Step by step in float32, as CatBoost computes it.
    prior, one = np.float32(ctr["prior_numerator"]), np.float32(ctr["prior_denomerator"])
    shares = (above + prior) / (records + one)
    return (shares + np.float32(ctr["shift"])) * np.float32(ctr["scale"])
