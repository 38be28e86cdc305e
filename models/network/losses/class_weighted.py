"""Base classes of losses that weigh each record by its class."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.checks import checked_weights, labels_and_logits, listed_counts, weighted


class ClassWeighted(keras.losses.Loss, ABC):
    """Multiplies the losses of records, which a subclass computes in `record_losses`, by their classes' weights.

    Args:
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: A weight is out of range, or the shapes of a call do not fit.
    """

    # Those that the logits must be as many as, where a loss has any.
    class_counts: list[float] | None = None

    def __init__(self, class_weights: Sequence[float] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.class_weights = checked_weights(class_weights)

    @abstractmethod
    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Computes the losses, float32 `(batch,)`, of labels, int32 `(batch,)`, and float32 logits."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        labels, logits = labels_and_logits(y_true, y_pred, self.class_weights, self.class_counts)
        return weighted(self.record_losses(labels, logits), labels, self.class_weights)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "class_weights": self.class_weights}


class CountBased(ClassWeighted):
    """A weighted loss that knows how many training records each class has.

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_counts: Sequence[float] | np.ndarray,
        class_weights: Sequence[float] | None = None,
        **kwargs: Any,
    ):
        super().__init__(class_weights, **kwargs)
        self.class_counts: list[float] = listed_counts(class_counts)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "class_counts": self.class_counts}
