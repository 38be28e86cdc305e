"""One classifier."""

import keras
import numpy as np

from models.network.branches.head import ClassCounts, Trunk, embedding, logits_layer
from models.network.branches.join_members import JoinMembers
from models.network.layers.layer_seed import layer_seed
from models.network.layers.log_prior import LogPrior
from models.network.layers.member_dense import MemberDense
from models.settings import ModelSettings


def single(trunk: Trunk, settings: ModelSettings, counts: ClassCounts, seed: int) -> keras.Model:
    """Builds the classifier of one embedding and one layer of logits.

    Where the table's encoder is an ensemble, its members share the embedding, and each has logits of its own
    unless these are cosines: in training the answer is `(batch, members, classes)`, otherwise the log of the
    mean of their probabilities.

    Args:
        trunk: What the encoders say.
        settings: Pooling, fusion, sizes of layers and kind of logits.
        counts: Of the classes; the bias starts at the log shares of `counts.bias`.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the trunk's inputs to logits, float32 `(batch, num_classes)`.
    """
    vector = embedding(trunk, settings, seed)
    if len(vector.shape) == 2:
        return keras.Model(trunk.inputs, logits_layer(settings, counts.bias, seed)(vector), name="classifier")
    logits = _member_logits(settings, counts.bias, seed)(vector)
    joined = JoinMembers("probabilities", dtype="float32", name="members")(logits)
    return keras.Model(trunk.inputs, joined, name="classifier")


def _member_logits(settings: ModelSettings, bias_counts: np.ndarray, seed: int) -> keras.layers.Layer:
    if settings.classifier == "cosine":
        return logits_layer(settings, bias_counts, seed)
    return MemberDense(
        len(bias_counts), LogPrior(bias_counts), layer_seed(seed, "logits"), dtype="float32", name="logits"
    )
