"""Describes a pushed model: what it takes, answers and how it decides, read from its files without TensorFlow."""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from google.protobuf.message import DecodeError

from core.documents.raw_inputs import read_raw_inputs
from models.serving.wire_saved_model import SavedModel

_SERVE = "serve"
# DataType of tensorflow/core/framework/types.proto.
_DTYPES = {
    **{1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string"},
    **{9: "int64", 10: "bool", 14: "bfloat16", 17: "uint16", 19: "float16", 22: "uint32", 23: "uint64"},
}


class TensorDescription(TypedDict):
    """Input or output of a signature: `shape` has None for any size, and is None where the rank is not known."""

    dtype: str
    shape: list[int | None] | None


class SignatureDescription(TypedDict):
    """Tensors of a signature by name."""

    inputs: dict[str, TensorDescription]
    outputs: dict[str, TensorDescription]


class ModelDescription(TypedDict):
    """What is to be known of a version of a model, as `counterpoise describe --json` prints it.

    `bytes` is the size of all its files, `tensorflow` the version it was exported with, and `warmup` whether warm-up
    requests lie beside it. `decision` and `features` are what `decision.json` and `features.json` hold, or None.
    """

    name: str
    version: int
    folder: str
    bytes: int
    tensorflow: str
    signatures: dict[str, SignatureDescription]
    warmup: bool
    decision: dict[str, Any] | None
    features: dict[str, Any] | None


def describe_model(folder: str, name: str, version: int) -> ModelDescription:
    """Puts together what is to be known of a version of a model.

    Args:
        folder: Of the SavedModel.
        name: The model's name.
        version: The version's number.

    Raises:
        ValueError: The folder holds no SavedModel for serving.
    """
    graph = _read_graph(folder)
    signatures: dict[str, SignatureDescription] = {
        one.key: {"inputs": _tensors(one.value.inputs), "outputs": _tensors(one.value.outputs)}
        # The definition of the initialiser stands among them, and has no inputs.
        for one in sorted(graph.signature_def, key=lambda one: one.key)
        if one.value.inputs
    }
    extra = os.path.join(folder, "assets.extra")
    return {
        "name": name,
        "version": version,
        "folder": folder,
        "bytes": sum(os.path.getsize(path) for path in _files(folder)),
        "tensorflow": graph.meta_info_def.tensorflow_version,
        "signatures": signatures,
        "warmup": os.path.isfile(os.path.join(extra, "tf_serving_warmup_requests")),
        "decision": _read_json(os.path.join(extra, "decision.json")),
        "features": read_raw_inputs(folder),
    }


def _read_graph(folder: str) -> Any:
    path = os.path.join(folder, "saved_model.pb")
    with open(path, "rb") as handle:
        try:
            saved = SavedModel.FromString(handle.read())
        except DecodeError as error:
            raise ValueError(f"{path} is no SavedModel.") from error
    for graph in saved.meta_graphs:
        if _SERVE in graph.meta_info_def.tags:
            return graph
    raise ValueError(f"{path} has no graph tagged {_SERVE!r}.")


def _tensors(named: Iterable[Any]) -> dict[str, TensorDescription]:
    return {
        one.key: {"dtype": _DTYPES.get(one.value.dtype, str(one.value.dtype)), "shape": _shape(one.value)}
        for one in sorted(named, key=lambda one: one.key)
    }


def _shape(tensor: Any) -> list[int | None] | None:
    if tensor.tensor_shape.unknown_rank:
        return None
    return [None if dim.size < 0 else dim.size for dim in tensor.tensor_shape.dim]


def _files(folder: str) -> Iterator[str]:
    for inside, _, names in os.walk(folder):
        yield from (os.path.join(inside, name) for name in names)


def _read_json(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as handle:
            return json.load(handle)
    except FileNotFoundError:
        return None
