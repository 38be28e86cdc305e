"""Loss that fits the branches of a network."""

import keras
import numpy as np

from models.catalogue.branches import BRANCHES
from models.catalogue.row import row_of
from models.network.branches.member_loss import ClassifierLoss
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
    of_one = ClassifierLoss(loss, settings, class_counts, logit_shift, class_weights)
    return row_of(BRANCHES, settings.branches).load_loss()(of_one)
