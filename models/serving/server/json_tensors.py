"""Converts the JSON of a predict request to tensors, and tensors to the JSON of the answer.

Reference: tensorflow_serving/g3doc/api_rest.md and tensorflow_serving/util/json_tensor.cc.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import tensorflow as tf

from models.serving.server.json_document import (
    JsonObject,
    excerpt,
    is_base64,
    read_bytes,
    rows_to_json,
    to_json,
)
from models.serving.server.signature import Tensors
from models.serving.server.status import RequestError, StatusCode, invalid_argument

ROWS, COLUMNS = "instances", "inputs"
_TYPE_NAMES = {
    dict: "Object",
    list: "Array",
    str: "String",
    bool: "Bool",
    int: "Number",
    float: "Number",
    type(None): "Null",
}


def layout_of(document: JsonObject) -> str:
    """Returns which of the two layouts a request has: `instances`, by row, or `inputs`, by column."""
    if ROWS in document and COLUMNS in document:
        raise invalid_argument(
            f"JSON Value: {excerpt(document)} Not formatted correctly expecting only one of "
            f"'{COLUMNS}' or '{ROWS}' keys to exist "
        )
    if ROWS not in document and COLUMNS not in document:
        raise invalid_argument(f"Missing '{COLUMNS}' or '{ROWS}' key")
    return ROWS if ROWS in document else COLUMNS


def read_tensors(document: JsonObject, specs: Mapping[str, tf.TensorSpec]) -> Tensors:
    """Returns the tensors of a predict request by the names of the signature's inputs.

    Args:
        document: The request.
        specs: The signature's inputs; where there is one, its name may be left out.

    Raises:
        RequestError: The values do not make tensors of these types.
    """
    if layout_of(document) == COLUMNS:
        return _from_columns(document[COLUMNS], specs)
    rows = document[ROWS]
    if not isinstance(rows, list):
        raise invalid_argument(f"JSON Value: {excerpt(document)} Expecting '{ROWS}' to be an list/array")
    if not rows:
        raise invalid_argument(f"JSON Value: {excerpt(document)} No values in '{ROWS}' array")
    return _from_rows(rows, specs)


def write_predictions(tensors: Mapping[str, np.ndarray], layout: str) -> JsonObject:
    """Returns the answer's document in the layout of the request.

    A single output stands without its name. Strings of outputs whose names end in `_bytes` are base64.

    Raises:
        RequestError: The outputs have no common number of rows, which an answer by row needs.
    """
    names = sorted(tensors)
    if layout == COLUMNS:
        columns = {name: to_json(tensors[name], _is_bytes(name)) for name in names}
        return {"outputs": columns if len(names) > 1 else columns[names[0]]}
    _check_rows(tensors)
    rows = [rows_to_json(tensors[name], _is_bytes(name)) for name in names]
    if len(names) == 1:
        return {"predictions": rows[0]}
    return {"predictions": [dict(zip(names, row, strict=True)) for row in zip(*rows, strict=True)]}


def _is_bytes(name: str) -> bool:
    return name.endswith("_bytes")


def _check_rows(tensors: Mapping[str, np.ndarray]) -> None:
    expected = None
    for name, tensor in sorted(tensors.items()):
        if not tensor.shape:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if expected not in (None, len(tensor)):
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {len(tensor)} expecting: {expected}"
            )
        expected = len(tensor)


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64(value)


def _from_rows(rows: list[Any], specs: Mapping[str, tf.TensorSpec]) -> Tensors:
    if not _is_named(rows[0]):
        if len(specs) > 1:
            raise invalid_argument(
                f"{ROWS} is a plain list, but expecting list of objects as multiple input tensors "
                "required as per tensorinfo_map"
            )
        for place, row in enumerate(rows):
            if _is_named(row):
                raise invalid_argument(f"Expecting value/list but got object at item {place} of input list")
        [(name, spec)] = specs.items()
        return {name: _tensor(name, rows, spec.dtype)}
    for place, row in enumerate(rows):
        if not _is_named(row):
            raise invalid_argument(f"Expecting object but got list at item {place} of input list")
        if row.keys() != specs.keys():
            raise invalid_argument(
                f"Failed to process element: {place} of '{ROWS}' list. JSON object: {excerpt(row)} "
                f"keys must be equal to: {','.join(sorted(specs))}"
            )
    return {name: _tensor(name, [row[name] for row in rows], spec.dtype) for name, spec in specs.items()}


def _from_columns(value: Any, specs: Mapping[str, tf.TensorSpec]) -> Tensors:
    if not _is_named(value):
        if len(specs) > 1:
            raise invalid_argument(
                f"{COLUMNS} is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        [(name, spec)] = specs.items()
        return {name: _tensor(name, value, spec.dtype)}
    for name in specs:
        if name not in value:
            raise invalid_argument(f"Missing named input: {name} in '{COLUMNS}' object.")
    return {name: _tensor(name, value[name], spec.dtype) for name, spec in specs.items()}


def _tensor(name: str, value: Any, dtype: tf.DType) -> np.ndarray:
    shape, leaves = _flat(name, value)
    try:
        return _leaves(name, leaves, dtype).reshape(shape)
    # More axes than an array can have.
    except ValueError as error:
        raise invalid_argument(f"Input {name}: {error}") from None


def _flat(name: str, value: Any) -> tuple[list[int], list[Any]]:
    """Returns the shape of nested lists and what stands in the innermost, in order."""
    shape: list[int] = []
    level = [value]
    while level and isinstance(level[0], list):
        if not all(isinstance(one, list) for one in level):
            raise invalid_argument(f"Input {name}: values and lists are mixed at level {len(shape)}")
        sizes = set(map(len, level))
        if len(sizes) > 1:
            raise invalid_argument(
                f"Input {name}: Encountered list at unexpected size at level: {len(shape)} "
                f"expected size: {len(level[0])}"
            )
        shape.append(len(level[0]))
        level = list(chain.from_iterable(level))
    if any(isinstance(one, list) for one in level):
        raise invalid_argument(f"Input {name}: Encountered list at unexpected level: {len(shape)}")
    return shape, level


def _leaves(name: str, leaves: list[Any], dtype: tf.DType) -> np.ndarray:
    if dtype == tf.string:
        _check_types(name, leaves, (str, dict), dtype)
        strings = np.empty(len(leaves), object)
        strings[:] = [read_bytes(leaf) for leaf in leaves]
        return strings
    if dtype == tf.bool:
        _check_types(name, leaves, (bool,), dtype)
        return np.array(leaves, bool)
    if dtype.is_integer:
        _check_types(name, leaves, (int,), dtype)
        if leaves and not (dtype.min <= min(leaves) and max(leaves) <= dtype.max):
            raise invalid_argument(f"Input {name}: a number is out of the range of {dtype.name}")
        return np.array(leaves, dtype.as_numpy_dtype)
    if dtype.is_floating:
        _check_types(name, leaves, (int, float), dtype)
        return _floats(name, leaves, dtype)
    raise RequestError(
        StatusCode.INVALID_ARGUMENT,
        f"Input {name}: Conversion of JSON Value to type: {dtype.name} is not known",
    )


def _floats(name: str, leaves: list[Any], dtype: tf.DType) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):
            return np.array(leaves, np.float64).astype(dtype.as_numpy_dtype)
    except OverflowError:
        raise invalid_argument(f"Input {name}: a number is out of the range of {dtype.name}") from None


def _check_types(name: str, leaves: list[Any], allowed: tuple[type, ...], dtype: tf.DType) -> None:
    # By exact type: in Python, true is also a whole number.
    if set(map(type, leaves)) <= set(allowed):
        return
    wrong = next(leaf for leaf in leaves if type(leaf) not in allowed)
    raise invalid_argument(
        f"Input {name}: JSON Value: {excerpt(wrong)} Type: {_TYPE_NAMES[type(wrong)]} "
        f"is not of expected type: {dtype.name}"
    )
