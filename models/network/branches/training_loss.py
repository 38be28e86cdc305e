"""The loss that fits the branches of a network."""

import keras
import numpy as np

from models.network.branches.bilateral_loss import BilateralLoss
from models.network.branches.class_groups_loss import ClassGroupsLoss, others_weights
from models.network.branches.experts_loss import ExpertsLoss, class_temperatures
from models.network.branches.group_by_count import group_by_count
from models.network.branches.member_loss import MemberLoss
from models.settings import ModelSettings


def training_loss(
    loss: keras.losses.Loss,
    settings: ModelSettings,
    class_counts: np.ndarray,
    logit_shift: np.ndarray | None = None,
    class_weights: np.ndarray | None = None,
) -> keras.losses.Loss:
    """Wraps a loss of one classifier into that of the branches an experiment names.

    Args:
        loss: A loss of class indices and logits `(batch, classes)`, as make_loss makes it.
        settings: Which branches, and how much experts are to differ.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        logit_shift: What the loss adds to the logits, `(num_classes,)`: see `logit_shift`; None stands for 0.
        class_weights: What the loss weighs classes by, `(num_classes,)`; None stands for 1.

    Returns:
        A loss of what build_classifier's model answers in training and outside of it.
    """
    if settings.branches == "bilateral":
        return BilateralLoss(loss)
    if settings.branches == "experts":
        return ExpertsLoss(
            loss,
            settings.diversity,
            class_temperatures(class_counts).tolist(),
            None if logit_shift is None else logit_shift.tolist(),
            None if class_weights is None else class_weights.tolist(),
        )
    if settings.branches == "class_groups":
        groups = group_by_count(class_counts)
        return ClassGroupsLoss(loss, groups, others_weights(groups, class_counts))
    return MemberLoss(loss)
