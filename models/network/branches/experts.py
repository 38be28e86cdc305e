"""Several experts that learn to differ."""

import keras

from models.network.branches.head import ClassCounts, Trunk, embedding, logits_layer
from models.network.branches.join_members import join
from models.settings import ModelSettings


def experts(trunk: Trunk, settings: ModelSettings, counts: ClassCounts, seed: int) -> keras.Model:
    """Builds experts over a shared trunk, each with a residual block, embedding and logits.

    The answer is the mean of their logits. ExpertsLoss trains each on its own and drives them apart.

    Reference: Wang et al., "Long-tailed Recognition by Routing Diverse Distribution-Aware Experts", 2021,
    https://arxiv.org/abs/2010.01809 (without its routing: all experts are always asked)

    Args:
        trunk: What the encoders say.
        settings: Number of experts; pooling, fusion, sizes of layers and kind of logits.
        counts: Of the classes; the biases start at the log shares of `counts.bias`.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the trunk's inputs to logits, float32 `(batch, num_classes)`; in training
        `(batch, num_experts, num_classes)`.
    """
    logits = [
        logits_layer(settings, counts.bias, seed, f"logits_{name}")(
            embedding(trunk, settings, seed, name, own_block=True)
        )
        for name in (f"expert_{number}" for number in range(settings.num_experts))
    ]
    return keras.Model(trunk.inputs, join(logits, len(counts.bias)), name="classifier")
