"""Head of the network: from an embedding to one logit per class."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from models.network.attention.attention_pooling import AttentionPooling
from models.network.branches.residual_block import residual_block
from models.network.fusion.fuse import fuse
from models.network.layers.cosine_logits import CosineLogits
from models.network.layers.layer_seed import layer_seed
from models.network.layers.log_prior import LogPrior
from models.settings import ModelSettings


@dataclass(frozen=True)
class Trunk:
    """What all branches share, as symbolic tensors.

    Attributes:
        inputs: The classifier's inputs by name.
        feature_map: Float `(batch, height, width, channels)`, or None without an image.
        columns: Float `(batch, units)`, or `(batch, members, units)` of an ensemble, or None without a table.
    """

    inputs: dict[str, Any]
    feature_map: Any = None
    columns: Any = None


@dataclass(frozen=True)
class ClassCounts:
    """Counts that branches are built by.

    Attributes:
        records: Numbers of training records, `(num_classes,)`, each above 0.
        bias: Counts whose log shares the bias of the logits starts at, `(num_classes,)`, each above 0.
    """

    records: np.ndarray
    bias: np.ndarray


def embedding(trunk: Trunk, settings: ModelSettings, seed: int, branch: str = "", own_block: bool = False):
    """Turns what the encoders say into one vector per record.

    The feature map is pooled, joined with the table's vector, and passes the layer named `embedding`: dense
    with ReLU, or, with `embedding_units` null, nothing but the name.

    Args:
        trunk: What the encoders say.
        settings: Pooling, fusion and length of the vector.
        seed: Decides the initial weights and what is dropped.
        branch: Ends the names of the layers, so that branches can stand side by side.
        own_block: Whether a residual block of its own comes before pooling.

    Returns:
        Symbolic float `(batch, units)`, or `(batch, members, units)` of an ensemble.
    """

    def named(layer_name: str) -> str:
        return f"{layer_name}_{branch}" if branch else layer_name

    pooled = feature_map = None
    if trunk.feature_map is not None:
        feature_map = trunk.feature_map
        if own_block:
            feature_map = residual_block(feature_map, named("block"), seed)
        pool = AttentionPooling if settings.pooling == "attention" else keras.layers.GlobalAveragePooling2D
        dropout = keras.layers.Dropout(
            settings.image.dropout, seed=layer_seed(seed, named("image_dropout")), name=named("image_dropout")
        )
        pooled = dropout(pool(name=named("pool"))(feature_map))
    if pooled is None or trunk.columns is None:
        features = trunk.columns if pooled is None else pooled
    else:
        features = fuse(settings.fusion, pooled, feature_map, trunk.columns, seed, named("features"))
    if not settings.embedding_units:
        return keras.layers.Activation("linear", name=named("embedding"))(features)
    return keras.layers.Dense(
        settings.embedding_units,
        activation="relu",
        kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, named("embedding"))),
        name=named("embedding"),
    )(features)


def logits_layer(
    settings: ModelSettings, bias_counts: np.ndarray, seed: int, name: str = "logits"
) -> keras.layers.Layer:
    """Makes the layer from a record's vector to one logit per class.

    Args:
        settings: Whether logits are linear or cosines.
        bias_counts: Counts whose log shares a linear layer's bias starts at, `(num_classes,)`.
        seed: Decides the initial weights.
        name: Name of the layer.

    Returns:
        A layer from float `(..., units)` to float32 `(..., num_classes)`, under mixed precision too: the loss
        and the calibration read small differences.
    """
    if settings.classifier == "cosine":
        return CosineLogits(len(bias_counts), settings.cosine_scale, seed, dtype="float32", name=name)
    return keras.layers.Dense(
        len(bias_counts),
        kernel_initializer=keras.initializers.GlorotUniform(layer_seed(seed, name)),
        bias_initializer=LogPrior(bias_counts),
        dtype="float32",
        name=name,
    )
