"""Losses of Keras and TensorFlow Addons on integer labels and logits."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.named_classes import ADDONS
from models.network.addons import import_addons
from models.network.losses.class_weighted import ClassWeighted

_OF_SCORES = ("CategoricalHinge", "Hinge", "SquaredHinge", "SparsemaxLoss")


@keras.saving.register_keras_serializable(package="counterpoise")
class Adapted(ClassWeighted):
    """Computes any loss of classes that Keras or TensorFlow Addons has, times the weight of the class.

    With f the adapted loss, its value for a record of class y with logits z is

        loss = w_y * f(one_hot(y), v)

    v is z for a loss made with `from_logits=True`, for the hinge losses and for sparsemax; for all others,
    the softmax of z. SparseCategoricalCrossentropy gets y as it is. The reduction of f is left out: the
    mean over the batch is that of this loss.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight. Of no use
            with WeightedKappaLoss, which has one value for the whole batch.

    Example: `Adapted(keras.losses.MeanSquaredError())` of logits `[[0, 0]]` is 0.25, half the Brier score.

    Args:
        loss: The loss, or its serialised form.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss; None takes the adapted loss's.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: A class weight is not above 0, or the shapes of a call do not fit.
        ImportError: The loss is of TensorFlow Addons, which is not installed.
    """

    def __init__(
        self,
        loss: keras.losses.Loss | dict[str, Any],
        class_weights: Sequence[float] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        if isinstance(loss, dict):
            if str(loss.get("registered_name", "")).startswith(ADDONS):
                import_addons()
            loss = keras.saving.deserialize_keras_object(loss)
        super().__init__(class_weights, name=name or loss.name, **kwargs)
        self.loss = loss
        self._takes_scores = type(loss).__name__ in _OF_SCORES or bool(loss.get_config().get("from_logits"))

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        values = logits if self._takes_scores else tf.nn.softmax(logits)
        if type(self.loss).__name__ == "SparseCategoricalCrossentropy":
            targets = labels
        else:
            targets = tf.one_hot(labels, logits.shape[-1], dtype=tf.float32)
        return self.loss.call(targets, values)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}
