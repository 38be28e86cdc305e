"""Bias that makes an untrained classifier answer with the class frequencies."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.class_weights import checked_counts


@keras.saving.register_keras_serializable(package="counterpoise")
class LogPrior(keras.initializers.Initializer):
    """Initializes a bias to the log of each class's share, `log(n_c / sum(n))`.

    Softmax of that bias is the prior, so training starts where the features say nothing and the
    loss is not spent, in its first epochs, on learning which classes are rare. Without it the
    frequent classes' gradients swamp the rare ones' at the start.

    Example: counts `[90, 10]` give `[-0.105, -2.303]`.

    Reference: Lin et al., "Focal Loss for Dense Object Detection", 2017, section 3.3,
    https://arxiv.org/abs/1708.02002

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Raises:
        ValueError: A class has no record, or the variable is not `(num_classes,)`.
    """

    def __init__(self, class_counts: Sequence[float] | np.ndarray):
        self.class_counts = [float(count) for count in checked_counts(np.asarray(class_counts))]

    def __call__(self, shape: Sequence[int], dtype: Any = None, **kwargs: Any) -> tf.Tensor:
        if tuple(shape) != (len(self.class_counts),):
            raise ValueError(
                f"LogPrior fits a bias of shape ({len(self.class_counts)},), one value per class. "
                f"Received: shape {tuple(shape)}"
            )
        counts = np.asarray(self.class_counts)
        return tf.constant(np.log(counts / counts.sum()), dtype=dtype or "float32")

    def get_config(self) -> dict[str, Any]:
        return {"class_counts": self.class_counts}
