"""A loss of logits and, beside it, one of projections."""

from typing import Any

import keras
import tensorflow as tf

from models.network.losses.supervised_contrastive import SupervisedContrastive


@keras.saving.register_keras_serializable(package="counterpoise")
class WithContrastive(keras.losses.Loss):
    """Adds the supervised contrastive loss of projections to a loss of logits.

        loss of the logits + weight * SupervisedContrastive of the projections

    A projection comes after the logits in one tensor: see Projection. Logits alone, as outside training, get
    the loss of the logits.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`.
        y_pred: Float `(batch, num_classes + dim)`, logits and a projection; or logits
            `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`.

    Reference: Khosla et al., "Supervised Contrastive Learning", 2020, https://arxiv.org/abs/2004.11362

    Args:
        loss: A loss of class indices and logits, with one value per record.
        num_classes: Number of classes, at least 2.
        weight: What the contrastive loss is multiplied by, above 0.
        temperature: Float above 0: see SupervisedContrastive.
        name: Name of the loss; None takes that of `loss`.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: A number is out of range.
    """

    def __init__(
        self,
        loss: keras.losses.Loss | dict[str, Any],
        num_classes: int,
        weight: float,
        temperature: float = 0.1,
        name: str | None = None,
        **kwargs: Any,
    ):
        inner = keras.saving.deserialize_keras_object(loss) if isinstance(loss, dict) else loss
        super().__init__(name=name or inner.name, **kwargs)
        if num_classes < 2 or not 0 < weight < float("inf"):
            raise ValueError(
                "`num_classes` must be at least 2, and `weight` finite and above 0. "
                f"Received: num_classes={num_classes}, weight={weight}"
            )
        self.loss = inner
        self.num_classes, self.weight = int(num_classes), float(weight)
        self.contrastive = SupervisedContrastive(temperature)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        y_pred = tf.cast(y_pred, tf.float32)
        of_logits = self.loss.call(y_true, y_pred[:, : self.num_classes])
        if y_pred.shape[-1] == self.num_classes:
            return of_logits
        return of_logits + self.weight * self.contrastive.call(y_true, y_pred[:, self.num_classes :])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "loss": keras.saving.serialize_keras_object(self.loss),
            "num_classes": self.num_classes,
            "weight": self.weight,
            "temperature": self.contrastive.temperature,
        }
