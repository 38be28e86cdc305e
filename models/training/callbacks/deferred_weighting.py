"""Deferred re-weighting: class weights that set in once the features are learnt."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class DeferredWeighting(keras.losses.Loss):
    """Computes one loss until it is switched, and another from then on.

    What is switched is a variable, so neither the compiled step nor the state of the optimizer is lost.
    Weighing rare classes from the first step disturbs the features; weighing them for the last epochs
    alone moves the boundaries between classes that are already told apart.

    Call arguments:
        y_true: What both losses take.
        y_pred: What both losses take.

    Reference: Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", 2019,
    https://arxiv.org/abs/1906.07413

    Args:
        before: Loss without class weights.
        after: Loss with them.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.
    """

    def __init__(
        self,
        before: keras.losses.Loss,
        after: keras.losses.Loss,
        name: str = "deferred_weighting",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.before = before
        self.after = after
        self._switched = tf.Variable(False, trainable=False, name="switched")

    def switch(self, weighted: bool) -> None:
        """Makes the loss that of `after`, or again that of `before`."""
        self._switched.assign(weighted)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        return tf.cond(
            self._switched,
            lambda: self.after.call(y_true, y_pred),
            lambda: self.before.call(y_true, y_pred),
        )

    def get_config(self) -> dict[str, Any]:
        losses = {name: getattr(self, name) for name in ("before", "after")}
        return {
            **super().get_config(),
            **{name: keras.saving.serialize_keras_object(loss) for name, loss in losses.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DeferredWeighting":
        losses = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("before", "after")}
        return cls(**{**config, **losses})


class SwitchWeighting(keras.callbacks.Callback):
    """Switches a `DeferredWeighting` at the start of an epoch."""

    def __init__(self, loss: DeferredWeighting, epoch: int):
        """Initialises the callback.

        Args:
            loss: The loss to switch.
            epoch: First epoch with class weights, as Keras counts them: the first of all is 0.
        """
        super().__init__()
        self._loss = loss
        self._epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self._loss.switch(epoch >= self._epoch)
