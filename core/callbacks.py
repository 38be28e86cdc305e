"""Protocols of the functions that a component calls by their dotted path, since it may not import their module."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class Explained:
    """What spoke for the classes of some records.

    Attributes:
        maps: Float32 `(n, height, width)` in [0, 1], the brighter the more; None without an image.
        image_method: How the maps were made; None without them.
        columns: Names of the columns.
        column_weights: Float32 `(n, columns)` in [-1, 1]; None where columns cannot be explained.
        signed: Whether a weight below 0 speaks against the class.
        column_method: How the weights were made; None without them.
    """

    maps: np.ndarray | None
    image_method: str | None
    columns: Sequence[str]
    column_weights: np.ndarray | None
    signed: bool
    column_method: str | None


class ExplainFn(Protocol):
    """What HtmlReport calls as `explain_fn`."""

    def __call__(
        self,
        model_run: str,
        transform_graph: str,
        label: str,
        image: str | None,
        examples: Sequence[bytes],
        class_indices: Sequence[int],
        /,
    ) -> Explained | None:
        """Says what spoke for a class in each of some records.

        Args:
            model_run: Folder of the Trainer's log.
            transform_graph: Folder of Transform's graph.
            label: Raw feature of the class's name.
            image: Raw feature of the encoded image, or None.
            examples: Serialised raw tf.Examples, at least one.
            class_indices: The class to explain for each.

        Returns:
            None where nothing can be explained.
        """


@dataclass(frozen=True)
class NetworkAnswers:
    """What a network says of some records.

    Attributes:
        probabilities: Neither calibrated nor decided, float64 `(n, classes)`.
        embedding: The vectors that the logits are computed from, float32 `(n, units)`.
    """

    probabilities: np.ndarray
    embedding: np.ndarray


class PredictFn(Protocol):
    """What ServingValidator calls as `predict_fn`."""

    def __call__(self, model_run: str, transform_graph: str, examples: Sequence[bytes], /) -> NetworkAnswers:
        """Asks the network that was trained, without the SavedModel.

        Args:
            model_run: Folder of the Trainer's log.
            transform_graph: Folder of Transform's graph.
            examples: Serialised raw tf.Examples, at least one.
        """


class EmbedFn(Protocol):
    """What Contenders calls as `embed_fn`."""

    def __call__(self, model: Mapping[str, Any], batches: Iterable[list[bytes]], /) -> np.ndarray:
        """Turns images into vectors.

        Args:
            model: The experiment's `model`, as JSON.
            batches: Encoded images.

        Returns:
            Float32 `(images, units)`.
        """
