"""Loss of a softmax for each group of classes."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.class_groups import checked_groups
from models.network.branches.group_by_count import group_by_count
from models.network.branches.member_loss import ClassifierLoss, MemberLoss, blended_by_share
from models.network.class_weights import checked_counts


def class_groups_loss(of_one: ClassifierLoss) -> "ClassGroupsLoss":
    """Makes the loss of a softmax for each group out of that of one classifier."""
    groups = group_by_count(of_one.class_counts)
    return ClassGroupsLoss(of_one.loss, groups, others_weights(groups, of_one.class_counts))


@keras.saving.register_keras_serializable(package="counterpoise")
class ClassGroupsLoss(MemberLoss):
    """Sums a loss over the groups; a record outside a group weighs there what keeps the group from drowning.

    In the group of rare classes nearly every record is one of `others`. The paper draws a part of them;
    here each weighs as much as it would be drawn, which gives the same gradient on average and no noise.

    Call arguments:
        y_true: Labels, as for MemberLoss.
        y_pred: Logits, float `(batch, groups, classes)` made by JoinGroups, or `(batch, classes)` outside
            training. As JoinGroups spreads `others` over the K classes outside, the cross-entropy of a record
            outside is that of `others` plus log K.
        sample_weight: Optional weight of each record, `(batch,)`.

    Reference: Li et al., "Overcoming Classifier Imbalance for Long-tail Object Detection with Balanced Group
    Softmax", 2020, https://arxiv.org/abs/2006.10408

    Args:
        loss: A loss of class indices and logits `(batch, classes)`, with one value per record.
        groups: Class indices of each group; each class is in one group, and two groups at least.
        others_weights: Weight of records outside each group, one number in (0, 1] for each.
        name: Name of the loss; None takes that of `loss`.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: The groups do not split the classes, or a weight is out of range.
    """

    def __init__(
        self,
        loss: keras.losses.Loss | dict[str, Any],
        groups: Sequence[Sequence[int]],
        others_weights: Sequence[float],
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(loss, name=name, **kwargs)
        self.groups = checked_groups(groups)
        self.others_weights = [float(weight) for weight in others_weights]
        if len(self.others_weights) != len(self.groups) or not all(0 < w <= 1 for w in self.others_weights):
            raise ValueError(
                f"`others_weights` must hold a number in (0, 1] for each of {len(self.groups)} groups. "
                f"Received: others_weights={self.others_weights}"
            )

    def losses_over_members(self, y_true: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        return blended_by_share(y_true, lambda labels: self._over_groups(labels, members))

    def _over_groups(self, labels: tf.Tensor, members: tf.Tensor) -> tf.Tensor:
        losses = tf.stack(self.member_losses(labels, members), axis=1)
        num_classes = sum(map(len, self.groups))
        weights = [
            [
                1.0 if c in group else weight
                for group, weight in zip(self.groups, self.others_weights, strict=True)
            ]
            for c in range(num_classes)
        ]
        indices = tf.cast(tf.reshape(labels, [-1]), tf.int32)
        return tf.reduce_sum(tf.gather(tf.constant(weights, tf.float32), indices) * losses, axis=1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "groups": self.groups, "others_weights": self.others_weights}


def others_weights(
    groups: Sequence[Sequence[int]], class_counts: np.ndarray, ratio: float = 8.0
) -> list[float]:
    """Computes the weight that makes `others` at most `ratio` times as heavy as a group's own records.

    Example: a group of 10 records among 1,000 gives `8 * 10 / 990 = 0.081`, one of 500 gives 1.

    Args:
        groups: Class indices of each group.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        ratio: Float above 0. The default is the paper's.

    Returns:
        Weights in (0, 1], one for each group.
    """
    counts = checked_counts(class_counts)
    own = np.array([counts[list(group)].sum() for group in groups])
    return np.minimum(1.0, ratio * own / (counts.sum() - own)).tolist()
