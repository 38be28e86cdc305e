"""Stops training that has diverged, and says so."""

import math
from typing import Any

import keras
import tensorflow as tf

from models.training.optimizers.factory import current_learning_rate


class DivergedError(ValueError):
    """Reports that the loss is no longer a finite number."""


class FiniteLoss(keras.callbacks.Callback):
    """Raises at the first step whose loss is not a finite number.

    Without it training would go on to its last epoch with weights that are not numbers, and the best epoch
    would be the last before, or none at all. Where Keras takes several steps at once it raises after them, and
    names the step among them if what was compiled is the `watched` loss.

    Raises:
        DivergedError: The loss of a step, or that on the eval split, is infinite or NaN.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0
        self._watched: _WatchedLoss | None = None

    def watched(self, loss: keras.losses.Loss) -> keras.losses.Loss:
        """Returns the same loss, which notes in which step it is first not finite.

        It counts in one process on one device.
        """
        self._watched = _WatchedLoss(loss)
        return self._watched

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch
        if self._watched is not None:
            self._watched.begin_epoch()

    def on_train_batch_end(self, batch, logs=None):
        noted = 0 if self._watched is None else self._watched.first_not_finite
        self._check((logs or {}).get("loss"), f"step {noted or batch + 1}")

    def on_epoch_end(self, epoch, logs=None):
        self._check((logs or {}).get("val_loss"), "the eval split")

    def _check(self, loss: float | None, place: str) -> None:
        if loss is not None and not math.isfinite(loss):
            rate = current_learning_rate(self.model.optimizer)
            raise DivergedError(
                f"The loss must be a finite number. Received: {float(loss)} in epoch {self._epoch + 1}, "
                f"{place}, at a learning rate of {rate:g}. Lower `training.optimizer.learning_rate`, give it "
                "a warm-up, or clip the gradients; look for numbers of extreme size in the data."
            )


class _WatchedLoss(keras.losses.Loss):
    """Counts the calls of an epoch, and notes the first that is not finite."""

    def __init__(self, loss: keras.losses.Loss):
        super().__init__(name=loss.name, reduction=loss.reduction)
        self._loss = loss
        self._calls = tf.Variable(0, trainable=False, dtype=tf.int64, name="calls")
        self._first = tf.Variable(0, trainable=False, dtype=tf.int64, name="first_not_finite")

    @property
    def first_not_finite(self) -> int:
        """Number of the step, from 1; 0 where all were finite."""
        return int(self._first.numpy())

    def begin_epoch(self) -> None:
        self._calls.assign(0)
        self._first.assign(0)

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        values = self._loss.call(y_true, y_pred)
        finite = tf.reduce_all(tf.math.is_finite(values))
        step = self._calls.assign_add(1)
        is_first = tf.logical_and(tf.logical_not(finite), tf.equal(self._first, 0))
        self._first.assign(tf.where(is_first, step, self._first))
        return values
