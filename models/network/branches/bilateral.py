"""Two branches: one learns from records as they occur, the other from rare classes as often as from others."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.branches.head import Trunk, embedding, logits_layer
from models.network.branches.join_members import join
from models.settings import ModelSettings

REVERSED = "_reversed"
_BRANCHES = ("conventional", "rebalancing")


def bilateral(
    trunk: Trunk, settings: ModelSettings, bias_counts: np.ndarray, seed: int
) -> "BilateralClassifier":
    """Builds the two branches over a shared trunk, each with a residual block, embedding and logits.

    Args:
        trunk: What the encoders say.
        settings: Pooling, fusion, sizes of layers and kind of logits.
        bias_counts: Counts whose log shares the conventional branch's bias starts at, `(num_classes,)`. The
            other branch, which sees rare classes more often, starts at equal shares.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the trunk's inputs to logits, float32 `(batch, num_classes)`.
    """
    counts_of_branch = (bias_counts, np.ones(len(bias_counts)))
    logits = [
        logits_layer(settings, counts, seed, f"logits_{branch}")(
            embedding(trunk, settings, seed, branch, own_block=True)
        )
        for branch, counts in zip(_BRANCHES, counts_of_branch, strict=True)
    ]
    return BilateralClassifier(trunk.inputs, join(logits, len(bias_counts)), name="classifier")


@keras.saving.register_keras_serializable(package="counterpoise")
class BilateralClassifier(keras.Model):
    """Answers with the mean of two branches' logits; in training each branch sees records of its own.

    Reference: Zhou et al., "BBN: Bilateral-Branch Network with Cumulative Learning for Long-Tailed Visual
    Recognition", 2020, https://arxiv.org/abs/1912.02413

    Call arguments:
        inputs: A dict of the model's inputs; in training also each of them once more, under its name with
            `_reversed` at the end: records drawn with probability in proportion to 1 / count of their class.
        training: Whether to answer with both branches' logits.

    Returns:
        In training `(batch, 2, classes)`: the conventional branch of the records, and the rebalancing branch
        of the reversed ones, or of the same where there are none. Otherwise `(batch, classes)`.
    """

    def call(self, inputs: dict[str, tf.Tensor], training: bool | None = None, mask: Any = None) -> tf.Tensor:
        reversed_inputs = {name: inputs[name + REVERSED] for name in self.input if name + REVERSED in inputs}
        own_inputs = {name: inputs[name] for name in self.input}
        if not training or not reversed_inputs:
            return super().call(own_inputs, training=training)
        # Each branch runs on its own records alone: the moving averages of its block must not see the other's.
        branch_logits = [
            keras.Model(self.input, self.get_layer(f"logits_{branch}").output)(records, training=training)
            for branch, records in zip(_BRANCHES, (own_inputs, reversed_inputs), strict=True)
        ]
        return tf.stack(branch_logits, axis=1)
