"""One vector out of what the encoders of image and table say."""

from typing import Any

import keras

from models.network.fusion.cross_attention import CrossAttention
from models.network.fusion.gating import GatedFusion
from models.network.layers.layer_seed import layer_seed


def fuse(fusion: str, pooled: Any, feature_map: Any, columns: Any, seed: int, name: str = "features") -> Any:
    """Joins the features of image and table in the way an experiment names.

    `concatenate` puts the vectors side by side. `gating` mixes them by GatedFusion, in as many units as
    the longer has. `cross_attention` puts beside them what the table's vector finds in the map.

    Args:
        fusion: `concatenate`, `gating` or `cross_attention`.
        pooled: The image's vector, symbolic, float `(batch, channels)`.
        feature_map: What it was pooled from, symbolic, float `(batch, height, width, channels)`.
        columns: The table's vector, symbolic, float `(batch, units)`.
        seed: Decides the initial weights.
        name: Name of the layer that joins.

    Returns:
        Symbolic float `(batch, features)`.

    Raises:
        ValueError: The name is not one of the three.
    """
    if fusion == "concatenate":
        return keras.layers.Concatenate(name=name)([pooled, columns])
    if fusion == "gating":
        units = max(pooled.shape[-1], columns.shape[-1])
        return GatedFusion(units, layer_seed(seed, name), name=name)([pooled, columns])
    if fusion == "cross_attention":
        looked = f"{name}_cross_attention"
        found = CrossAttention(seed=layer_seed(seed, looked), name=looked)([columns, feature_map])
        return keras.layers.Concatenate(name=name)([pooled, found, columns])
    raise ValueError(
        f"`model.fusion` must be concatenate, gating or cross_attention. Received: fusion={fusion!r}"
    )
