"""Two branches: one learns from records as they occur, the other from rare classes as often as from others."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.catalogue.sampling import REVERSED_ENDING
from models.network.branches.head import ClassCounts, Trunk, embedding, logits_layer
from models.network.branches.join_members import join
from models.settings import ModelSettings

_BRANCHES = ("conventional", "rebalancing")


def bilateral(trunk: Trunk, settings: ModelSettings, counts: ClassCounts, seed: int) -> "BilateralClassifier":
    """Builds the two branches over a shared trunk, each with a residual block, embedding and logits.

    Args:
        trunk: What the encoders say.
        settings: Pooling, fusion, sizes of layers and kind of logits.
        counts: Of the classes. The conventional branch's bias starts at the log shares of `counts.bias`; the other
            branch, which sees rare classes more often, starts at equal shares.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the trunk's inputs to logits, float32 `(batch, num_classes)`.
    """
    num_classes = len(counts.bias)
    counts_of_branch = (counts.bias, np.ones(num_classes))
    logits = [
        logits_layer(settings, bias_counts, seed, f"logits_{branch}")(
            embedding(trunk, settings, seed, branch, own_block=True)
        )
        for branch, bias_counts in zip(_BRANCHES, counts_of_branch, strict=True)
    ]
    return BilateralClassifier(trunk.inputs, join(logits, num_classes), name="classifier")


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
        reversed_inputs = {
            name: inputs[name + REVERSED_ENDING] for name in self.input if name + REVERSED_ENDING in inputs
        }
        own_inputs = {name: inputs[name] for name in self.input}
        if not training or not reversed_inputs:
            return super().call(own_inputs, training=training)
        # Each branch runs on its own records alone: the moving averages of its block must not see the other's.
        branch_logits = [
            keras.Model(self.input, self.get_layer(f"logits_{branch}").output)(records, training=training)
            for branch, records in zip(_BRANCHES, (own_inputs, reversed_inputs), strict=True)
        ]
        return tf.stack(branch_logits, axis=1)
