"""Loss of a network that answers with several members' logits in training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.adapted import Adapted
from models.network.mixed_labels import is_mixed
from models.settings import ModelSettings


@dataclass(frozen=True)
class ClassifierLoss:
    """The loss of one classifier, and what a loss of several is made of besides.

    Attributes:
        loss: A loss of class indices and logits `(batch, classes)`, with one value per record.
        settings: Branches, and how much experts are to differ.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        logit_shift: What the loss adds to the logits, `(num_classes,)`; None stands for 0.
        class_weights: What the loss weighs classes by, `(num_classes,)`; None stands for 1.
    """

    loss: keras.losses.Loss
    settings: ModelSettings
    class_counts: np.ndarray
    logit_shift: np.ndarray | None = None
    class_weights: np.ndarray | None = None


def member_loss(of_one: ClassifierLoss) -> "MemberLoss":
    """Makes the loss of one classifier, or of members that are trained each on its own."""
    return MemberLoss(of_one.loss)


@keras.saving.register_keras_serializable(package="counterpoise")
class MemberLoss(keras.losses.Loss):
    """Trains each member on its own: the mean of a loss over the members.

    Other kinds of branches are subclasses that say what to make of the members' logits. Logits without
    members, as outside training, get the plain loss.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`; or float `(batch, 3)`: a class index, another, and
            the share of the first in [0, 1]. The loss of the latter is the mean of both labels', by share.
        y_pred: Logits, float `(batch, members, classes)` or `(batch, classes)`.
        sample_weight: Optional weight of each record, `(batch,)`.

    Args:
        loss: A loss of class indices and logits `(batch, classes)`, with one value per record.
        name: Name of the loss; None takes that of `loss`.
        **kwargs: What `keras.losses.Loss` takes besides.
    """

    def __init__(self, loss: keras.losses.Loss | dict[str, Any], name: str | None = None, **kwargs: Any):
        inner = keras.saving.deserialize_keras_object(loss) if isinstance(loss, dict) else loss
        super().__init__(name=name or inner.name, **kwargs)
        self.loss = inner

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        y_true, y_pred = tf.convert_to_tensor(y_true), tf.cast(y_pred, tf.float32)
        if y_pred.shape.rank == 2:
            return blended_by_share(y_true, lambda labels: self.loss.call(labels, y_pred))
        return self.losses_over_members(y_true, y_pred)

    def losses_over_members(self, y_true: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        """Computes the loss of each record, `(batch,)`, from logits `(batch, members, classes)`."""
        return blended_by_share(y_true, lambda labels: self._mean_loss(labels, members))

    def _mean_loss(self, labels: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        _, num_members, num_classes = members.shape
        # One with a single value for the whole batch must see each member's batch by itself.
        if isinstance(self.loss, Adapted):
            return tf.add_n(self.member_losses(labels, members)) / tf.cast(num_members, tf.float32)
        # All members as records of one batch: a graph of one loss, not of one for each member.
        repeated = tf.repeat(tf.reshape(labels, [-1]), num_members)
        losses = self.loss.call(repeated, tf.reshape(members, (-1, num_classes)))
        return tf.reduce_mean(tf.reshape(losses, (-1, num_members)), axis=1)

    def member_losses(self, labels: tf.Tensor, members: tf.Tensor) -> list[tf.Tensor]:
        """Computes the loss of each member, each `(batch,)`."""
        return [self.loss.call(labels, logits) for logits in tf.unstack(members, axis=1)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}


def blended_by_share(y_true: tf.Tensor, loss_of: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Computes a loss of plain labels, or of two labels by their shares: see MemberLoss."""
    if not is_mixed(y_true):
        return loss_of(y_true)
    share = tf.cast(y_true[:, 2], tf.float32)
    labels = tf.cast(y_true[:, :2], tf.int32)
    return share * loss_of(labels[:, 0]) + (1 - share) * loss_of(labels[:, 1])
