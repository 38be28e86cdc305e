"""Loads a version of a model, warms it up, and runs its signatures."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from core.documents.raw_inputs import RawFeature, features_by_input
from models.serving.server.batched_signature import BatchedSignature, BatchingSettings
from models.serving.server.graph_definition import Graph, read_graph
from models.serving.server.image_limit import check_images
from models.serving.server.signature import DEFAULT_SIGNATURE, Signature, Tensors
from models.serving.server.status import from_tensorflow
from models.serving.server.warm_up import warm_up


# Compared by identity: a version loaded again is another model.
@dataclass(frozen=True, eq=False)
class ServedModel:
    """Answers requests by name of signature.

    Attributes:
        version: Its number.
        graph: Its definitions.
        signatures: What can be asked of it, by name.
        raw_inputs: What its exporter says of the inputs of `predict_raw`: input to raw feature.
        max_image_pixels: Most pixels an encoded image may declare.
        loaded: What TensorFlow loaded: the variables live as long as it does.
    """

    version: int
    graph: Graph
    signatures: dict[str, BatchedSignature]
    raw_inputs: dict[str, RawFeature]
    max_image_pixels: int
    loaded: Any

    def find(self, name: str) -> Signature | None:
        """Returns a signature; an empty name stands for the default."""
        batched = self.signatures.get(name or DEFAULT_SIGNATURE)
        return None if batched is None else batched.signature

    def run(self, signature: Signature, tensors: Tensors) -> Tensors:
        """Runs one of the model's signatures.

        Raises:
            RequestError: The tensors do not fit the signature, hold an image that is too large, or cannot
                be computed.
        """
        signature.check(tensors)
        if self.graph.decodes_images:
            check_images(tensors, self.max_image_pixels, self._input_of_examples(signature))
        try:
            return self.signatures[signature.name](tensors)
        except tf.errors.OpError as error:
            raise from_tensorflow(error.error_code, error.message) from None

    def _input_of_examples(self, signature: Signature) -> str | None:
        """Returns the input that takes serialised tf.Examples; None where there is none, or no telling which."""
        texts = [name for name, spec in signature.inputs.items() if spec.dtype == tf.string]
        parses = signature.name in self.graph.parsing
        return texts[0] if parses and len(texts) == 1 else None


def load_version(folder: str, version: int, settings: BatchingSettings, max_image_pixels: int) -> ServedModel:
    """Loads a SavedModel and warms it up.

    Raises:
        Exception: Whatever TensorFlow raises of a SavedModel that cannot be loaded, or `ValueError` where it
            fails on its own warm-up requests.
    """
    graph = read_graph(folder)
    loaded = tf.saved_model.load(folder, tags=["serve"])
    signatures = {
        name: BatchedSignature(Signature.of(name, function), settings)
        for name, function in loaded.signatures.items()
    }
    warm_up(folder, signatures)
    return ServedModel(version, graph, signatures, features_by_input(folder), max_image_pixels, loaded)
