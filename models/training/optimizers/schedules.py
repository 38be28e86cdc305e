"""Schedules of the learning rate over the course of training."""

import math
from typing import Any

import keras
import tensorflow as tf

FORMS = ("constant", "cosine", "step")


@keras.saving.register_keras_serializable(package="counterpoise")
class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Rises in equal steps to the learning rate, then keeps it or lets it fall.

    With W and T the steps of the warm-up and of all epochs, at step t, counted from 0,

        t < W:     peak * (t + 1) / W
        constant:  peak
        cosine:    peak * (1 + cos(pi * (t - W) / (T - W))) / 2
        step:      peak, times 0.01 from 80 % and times 0.0001 from 90 % of T on

    Keras's own schedules are others: its warm-up begins with a step of rate 0, t / W, and knows no `step`.

    `step` is how networks for long-tailed CIFAR are trained: 200 epochs, falling at 160 and 180, after a
    warm-up of 5. Beyond T the rate stays at its last value.

    Example: `WarmupSchedule(0.1, "step", steps_per_epoch=10, epochs=200, warmup_epochs=5)` is 0.002 at step 0,
    0.1 from step 49, 0.001 from step 1600 and 0.00001 from step 1800.

    Reference: Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", 2019,
    https://arxiv.org/abs/1906.07413 (step); Loshchilov and Hutter, "SGDR", 2017,
    https://arxiv.org/abs/1608.03983 (cosine)

    Args:
        peak: Learning rate after the warm-up, above 0.
        form: `constant`, `cosine` or `step`.
        steps_per_epoch: Batches in an epoch, at least 1.
        epochs: Epochs of the whole training, at least 1.
        warmup_epochs: Epochs of the warm-up, at least 0 and fewer than `epochs`.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(self, peak: float, form: str, steps_per_epoch: int, epochs: int, warmup_epochs: int = 0):
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {', '.join(FORMS)}. Received: form={form!r}")
        if steps_per_epoch < 1 or epochs < 1:
            raise ValueError(
                "`steps_per_epoch` and `epochs` must be at least 1. Received: "
                f"steps_per_epoch={steps_per_epoch}, epochs={epochs}"
            )
        if not 0 <= warmup_epochs < epochs:
            raise ValueError(
                "`training.optimizer.warmup_epochs` must be at least 0 and below `training.epochs`, so that "
                f"training outlasts the warm-up. Received: warmup_epochs={warmup_epochs}, epochs={epochs}"
            )
        self.peak, self.form = float(peak), form
        self.steps_per_epoch, self.epochs = int(steps_per_epoch), int(epochs)
        self.warmup_epochs = int(warmup_epochs)

    def __call__(self, step: Any) -> tf.Tensor:
        step = tf.cast(tf.convert_to_tensor(step), tf.float32)
        num_steps = self.steps_per_epoch * self.epochs
        num_warmup = self.steps_per_epoch * self.warmup_epochs
        share = self._share(step, num_steps, num_warmup)
        if num_warmup:
            share = tf.where(step < num_warmup, (step + 1) / num_warmup, share)
        return self.peak * share

    def _share(self, step: tf.Tensor, num_steps: int, num_warmup: int) -> tf.Tensor:
        """Computes the share of the peak after the warm-up, in [0, 1]."""
        if self.form == "cosine":
            progress = tf.clip_by_value((step - num_warmup) / (num_steps - num_warmup), 0.0, 1.0)
            return (1 + tf.cos(math.pi * progress)) / 2
        if self.form == "step":
            # In whole numbers: 0.8 * 200 rounded up must be 160.
            first, second = -(-8 * num_steps // 10), -(-9 * num_steps // 10)
            return tf.where(step < first, 1.0, tf.where(step < second, 0.01, 0.0001))
        return tf.ones_like(step)

    def get_config(self) -> dict[str, Any]:
        return {
            "peak": self.peak,
            "form": self.form,
            "steps_per_epoch": self.steps_per_epoch,
            "epochs": self.epochs,
            "warmup_epochs": self.warmup_epochs,
        }
