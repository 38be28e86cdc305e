"""What is read of a SavedModel's graph without loading it: the signatures' definitions, and its operations."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from models.serving.server.place import GRAPH_FILE

_SERVE = "serve"
_DECODERS = {"DecodeImage", "DecodeJpeg", "DecodePng", "DecodeGif", "DecodeBmp", "DecodeAndCropJpeg"}


@dataclass(frozen=True)
class Graph:
    """A SavedModel's outside.

    Attributes:
        signatures: SignatureDef by name, the definition of the initialiser among them.
        decodes_images: Whether encoded images are among what it takes.
    """

    signatures: Mapping[str, Any]
    decodes_images: bool


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
            return Graph(dict(meta_graph.signature_def), _decodes_images(meta_graph.graph_def))
    raise ValueError(f"{folder}: the SavedModel has no graph tagged {_SERVE!r}")


def _decodes_images(graph_def: Any) -> bool:
    functions = graph_def.library.function
    nodes = [*graph_def.node, *(node for function in functions for node in function.node_def)]
    return any(node.op in _DECODERS for node in nodes)
