"""Describes a pushed model: what it takes, answers and how it decides, read from its files without TensorFlow."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from google.protobuf.message import DecodeError

from core.documents.decision import Decision
from core.documents.raw_inputs import RawInputs
from models.serving.wire_saved_model import SavedModel

_SERVE = "serve"
# DataType of tensorflow/core/framework/types.proto.
_DTYPES = {
    **{1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string"},
    **{9: "int64", 10: "bool", 14: "bfloat16", 17: "uint16", 19: "float16", 22: "uint32", 23: "uint64"},
}


@dataclass(frozen=True)
class TensorDescription:
    """Type of a tensor, and its shape, in which None is any size; None is any shape."""

    dtype: str
    shape: list[int | None] | None


@dataclass(frozen=True)
class SignatureDescription:
    """What a signature takes and answers, by name."""

    inputs: dict[str, TensorDescription]
    outputs: dict[str, TensorDescription]


@dataclass(frozen=True)
class ModelDescription:
    """What is to be known of a version of a model.

    Attributes:
        name: The model's name.
        version: The version's number.
        folder: Of the SavedModel.
        bytes: Size of all its files.
        tensorflow: Version of TensorFlow that it was exported with.
        signatures: What can be asked of it, by name.
        warmup: Whether warm-up requests lie beside it.
        decision: How it decides; None where nothing lies beside it.
        features: What its raw features are; None where nothing lies beside it.
    """

    name: str
    version: int
    folder: str
    bytes: int
    tensorflow: str
    signatures: dict[str, SignatureDescription]
    warmup: bool
    decision: Decision | None
    features: RawInputs | None

    def as_json(self) -> Mapping[str, Any]:
        """Returns all of it as JSON can say it."""
        return {
            **vars(self),
            "signatures": {name: asdict(one) for name, one in self.signatures.items()},
            "decision": None if self.decision is None else self.decision.as_dict(),
            "features": None if self.features is None else self.features.as_dict(),
        }


def describe_model(folder: str, name: str, version: int) -> ModelDescription:
    """Puts together what is to be known of a version of a model.

    Args:
        folder: Of the SavedModel.
        name: The model's name.
        version: The version's number.

    Raises:
        ValueError: The folder holds no SavedModel for serving.
        DocumentError: What lies beside it is damaged, or of another version.
    """
    graph = _read_graph(folder)
    signatures = {
        one.key: SignatureDescription(_tensors(one.value.inputs), _tensors(one.value.outputs))
        # The definition of the initialiser stands among them, and has no inputs.
        for one in sorted(graph.signature_def, key=lambda one: one.key)
        if one.value.inputs
    }
    return ModelDescription(
        name=name,
        version=version,
        folder=folder,
        bytes=sum(os.path.getsize(path) for path in _files(folder)),
        tensorflow=graph.meta_info_def.tensorflow_version,
        signatures=signatures,
        warmup=os.path.isfile(os.path.join(folder, "assets.extra", "tf_serving_warmup_requests")),
        decision=Decision.read_if_there(folder),
        features=RawInputs.read_if_there(folder),
    )


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
        one.key: TensorDescription(_DTYPES.get(one.value.dtype, str(one.value.dtype)), _shape(one.value))
        for one in sorted(named, key=lambda one: one.key)
    }


def _shape(tensor: Any) -> list[int | None] | None:
    if tensor.tensor_shape.unknown_rank:
        return None
    return [None if dim.size < 0 else dim.size for dim in tensor.tensor_shape.dim]


def _files(folder: str) -> Iterator[str]:
    for inside, _, names in os.walk(folder):
        yield from (os.path.join(inside, name) for name in names)
