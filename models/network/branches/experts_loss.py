"""Loss that trains experts each on its own and drives them apart."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.member_loss import ClassifierLoss, MemberLoss, blended_by_share
from models.network.class_weights import checked_counts


def experts_loss(of_one: ClassifierLoss) -> "ExpertsLoss":
    """Makes the loss of experts out of that of one classifier."""
    shift, weights = of_one.logit_shift, of_one.class_weights
    return ExpertsLoss(
        of_one.loss,
        of_one.settings.diversity,
        class_temperatures(of_one.class_counts).tolist(),
        None if shift is None else shift.tolist(),
        None if weights is None else weights.tolist(),
    )


@keras.saving.register_keras_serializable(package="counterpoise")
class ExpertsLoss(MemberLoss):
    """Sums a loss over the experts, less what they differ by.

        sum_e [ loss(y, z_e) - diversity * w_y * T**2 * KL(softmax((mean z + s) / t) || softmax((z_e + s) / t)) ]

    with z_e the logits of expert e, t the temperature of each class, T the mean of t, and s and w what the loss
    itself adds to the logits and weighs class y by. The paper, whose loss does neither, has s = 0 and w = 1.
    They keep the two terms in balance: a loss that adds the log prior hardly feels the logit of a rare class on
    a record of a frequent one, and one that weighs a class by little hardly feels its records, so that a
    divergence that felt them in full would drive the experts apart without end. The paper's code keeps the mean
    out of the gradient; as it is the mean of logits, the gradient through it is 0 anyway.

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
        logit_shift: What `loss` adds to each class's logit, finite; None stands for 0.
        class_weights: What `loss` weighs each class's records by, above 0; None stands for 1.
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
        logit_shift: Sequence[float] | None = None,
        class_weights: Sequence[float] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(loss, name=name, **kwargs)
        if not 0 <= diversity <= 1:
            raise ValueError(f"`diversity` must be in [0, 1]. Received: diversity={diversity}")
        self.diversity = float(diversity)
        self.temperatures = _per_class("temperatures", temperatures, above=0)
        self.logit_shift = _per_class("logit_shift", logit_shift, above=-math.inf)
        self.class_weights = _per_class("class_weights", class_weights, above=0)

    def losses_over_members(self, y_true: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        losses = blended_by_share(y_true, lambda labels: tf.add_n(self.member_losses(labels, members)))
        if not self.diversity:
            return losses
        temperatures = tf.constant(self.temperatures or [1.0], tf.float32)
        judged = members + tf.constant(self.logit_shift or [0.0], tf.float32)
        mean = tf.nn.log_softmax(tf.reduce_mean(judged, axis=1, keepdims=True) / temperatures)
        own = tf.nn.log_softmax(judged / temperatures)
        divergence = tf.reduce_sum(tf.exp(mean) * (mean - own), axis=(1, 2))
        if self.class_weights is not None:
            divergence *= blended_by_share(y_true, self._weights_of)
        return losses - self.diversity * tf.reduce_mean(temperatures) ** 2 * divergence

    def _weights_of(self, labels: tf.Tensor) -> tf.Tensor:
        return tf.gather(
            tf.constant(self.class_weights, tf.float32), tf.reshape(tf.cast(labels, tf.int32), [-1])
        )

    def get_config(self) -> dict[str, Any]:
        own = ("diversity", "temperatures", "logit_shift", "class_weights")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _per_class(name: str, values: Sequence[float] | None, above: float) -> list[float] | None:
    if values is None:
        return None
    if not all(above < value < math.inf for value in values):
        bound = "" if above == -math.inf else f" above {above:g}"
        raise ValueError(
            f"`{name}` must hold one finite number{bound} per class. Received: {name}={list(values)}"
        )
    return [float(value) for value in values]


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
