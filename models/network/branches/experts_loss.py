"""The loss that trains experts each on its own and drives them apart."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.member_loss import MemberLoss, by_share
from models.network.class_weights import checked_counts


@keras.saving.register_keras_serializable(package="counterpoise")
class ExpertsLoss(MemberLoss):
    """Sums a loss over the experts, less what they differ by.

        sum_e [ loss(y, z_e) - diversity * T**2 * KL(softmax(mean z / t) || softmax(z_e / t)) ]

    with z_e the logits of expert e, t the temperature of each class and T the mean of t. The paper's code
    keeps the mean out of the gradient; as it is the mean of logits, the gradient through it is 0 anyway.

    Call arguments:
        y_true: Labels, as for MemberLoss.
        y_pred: Logits, float `(batch, experts, classes)`, or `(batch, classes)` outside training.
        sample_weight: Optional weight of each record, `(batch,)`.

    Reference: Wang et al., "Long-tailed Recognition by Routing Diverse Distribution-Aware Experts", 2021,
    https://arxiv.org/abs/2010.01809

    Args:
        loss: A loss of class indices and logits `(batch, classes)`, with one value per record.
        diversity: Float in [0, 1]; weight of the second term. Experts would run apart without end above 1.
        temperatures: One number above 0 for each class; None takes 1.
        name: Name of the loss; None takes that of `loss`.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(
        self,
        loss: keras.losses.Loss | dict[str, Any],
        diversity: float = 0.2,
        temperatures: Sequence[float] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(loss, name=name, **kwargs)
        if not 0 <= diversity <= 1:
            raise ValueError(f"`diversity` must be in [0, 1]. Received: diversity={diversity}")
        if temperatures is not None and not all(0 < value < float("inf") for value in temperatures):
            raise ValueError(
                "`temperatures` must hold one finite number above 0 per class. "
                f"Received: temperatures={list(temperatures)}"
            )
        self.diversity = float(diversity)
        self.temperatures = None if temperatures is None else [float(value) for value in temperatures]

    def of_members(self, y_true: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        losses = by_share(y_true, lambda labels: tf.add_n(self.losses_of(labels, members)))
        if not self.diversity:
            return losses
        temperatures = tf.constant([1.0] if self.temperatures is None else self.temperatures, tf.float32)
        mean = tf.nn.log_softmax(tf.reduce_mean(members, axis=1, keepdims=True) / temperatures)
        own = tf.nn.log_softmax(members / temperatures)
        divergence = tf.reduce_sum(tf.exp(mean) * (mean - own), axis=(1, 2))
        return losses - self.diversity * tf.reduce_mean(temperatures) ** 2 * divergence

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "diversity": self.diversity, "temperatures": self.temperatures}


def class_temperatures(class_counts: np.ndarray, strength: float = 0.05) -> np.ndarray:
    """Computes temperatures that let experts differ more on rare classes.

    With p_c the share of class c of K, `1 - strength + strength * K p_c`, divided by the greatest.

    Example: counts `[90, 10]` give `(0.95 + 0.09, 0.95 + 0.01) / 1.04 = [1, 0.923]`.

    Reference: the authors' code of RIDE, https://github.com/frank-xwang/RIDE-LongTailRecognition, whose
    strength is the default here.

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        strength: Float in [0, 1]; 0 gives all classes 1.

    Returns:
        Temperatures, float64 `(num_classes,)` in (0, 1].
    """
    counts = checked_counts(class_counts)
    temperatures = 1 - strength + strength * counts.size * counts / counts.sum()
    return temperatures / temperatures.max()
