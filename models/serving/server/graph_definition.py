"""Reads a SavedModel's signature definitions and operations without loading it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from models.serving.server.model_directory import GRAPH_FILE

_SERVE = "serve"
_DECODERS = {"DecodeImage", "DecodeJpeg", "DecodePng", "DecodeGif", "DecodeBmp", "DecodeAndCropJpeg"}
_PARSERS = {"ParseExample", "ParseExampleV2", "ParseSingleExample"}


@dataclass(frozen=True)
class Graph:
    """A SavedModel's outside.

    Attributes:
        signatures: SignatureDef by name, the definition of the initialiser among them.
        decodes_images: Whether encoded images are among what it takes.
        parsing: Signatures that parse serialised tf.Examples.
    """

    signatures: Mapping[str, Any]
    decodes_images: bool
    parsing: frozenset[str] = frozenset()


def read_graph(folder: str) -> Graph:
    """Reads the definitions for serving.

    Raises:
        ValueError: The file is no SavedModel, or none for serving.
    """
    with open(os.path.join(folder, GRAPH_FILE), "rb") as handle:
        try:
            saved = saved_model_pb2.SavedModel.FromString(handle.read())
        except DecodeError as error:
            raise ValueError(f"{folder}: {GRAPH_FILE} is no SavedModel") from error
    for meta_graph in saved.meta_graphs:
        if _SERVE in meta_graph.meta_info_def.tags:
            graph_def, signatures = meta_graph.graph_def, dict(meta_graph.signature_def)
            operations = {name: _operations(graph_def, one) for name, one in signatures.items()}
            parsing = frozenset(name for name, found in operations.items() if found & _PARSERS)
            return Graph(signatures, _decodes_images(graph_def), parsing)
    raise ValueError(f"{folder}: the SavedModel has no graph tagged {_SERVE!r}")


def _decodes_images(graph_def: Any) -> bool:
    functions = graph_def.library.function
    nodes = [*graph_def.node, *(node for function in functions for node in function.node_def)]
    return any(node.op in _DECODERS for node in nodes)


def _operations(graph_def: Any, signature: Any) -> set[str]:
    """Returns the kinds of operations that a signature's outputs are computed by."""
    functions = {one.signature.name: one.node_def for one in graph_def.library.function}
    nodes = {node.name: node for node in graph_def.node}
    operations: set[str] = set()
    seen: set[str] = set()
    called: list[str] = []
    waiting = [_node_name(one.name) for one in signature.outputs.values()]
    # In the graph itself inputs are followed; within a function every node counts.
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in seen:
            seen.add(name)
            operations.add(nodes[name].op)
            called += _functions_of(nodes[name])
            waiting += map(_node_name, nodes[name].input)
    seen.clear()
    while called:
        name = called.pop()
        if name in functions and name not in seen:
            seen.add(name)
            operations |= {node.op for node in functions[name]}
            called += (one for node in functions[name] for one in _functions_of(node))
    return operations


def _node_name(tensor: str) -> str:
    return tensor.lstrip("^").partition(":")[0]


def _functions_of(node: Any) -> Iterable[str]:
    yield node.op
    for value in node.attr.values():
        if value.WhichOneof("value") == "func":
            yield value.func.name
        yield from (one.name for one in value.list.func)
