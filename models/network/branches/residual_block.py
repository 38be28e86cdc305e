"""Residual block that lets a branch see the feature map in its own way."""

from typing import Any

import keras

from models.network.layers.layer_seed import layer_seed


def residual_block(feature_map: Any, name: str, seed: int) -> Any:
    """Adds three convolutions to a feature map: `relu(x + convolutions(x))`.

    A bottleneck: 1 x 1 to a quarter of the channels (or to 64, or all, where a quarter is fewer), 3 x 3, and
    1 x 1 back. The last normalisation starts at 0, so that the block passes a pretrained backbone's
    features unchanged at first.

    Reference: He et al., "Deep Residual Learning for Image Recognition", 2016,
    https://arxiv.org/abs/1512.03385; Goyal et al., 2017, https://arxiv.org/abs/1706.02677 (the start at 0)

    Args:
        feature_map: Symbolic float `(batch, height, width, channels)`.
        name: Begins the names of the layers.
        seed: Decides the initial weights.

    Returns:
        Symbolic float of the same shape, at least 0.
    """
    channels = feature_map.shape[-1]
    inner = max(channels // 4, min(channels, 64))
    x = feature_map
    for step, (filters, kernel_size) in enumerate(((inner, 1), (inner, 3), (channels, 1))):
        last = step == 2
        x = keras.layers.Conv2D(
            filters,
            kernel_size,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, f"{name}_conv_{step}")),
            name=f"{name}_conv_{step}",
        )(x)
        # The momentum of small_cnn, for the same reason: short trainings must reach settled averages.
        x = keras.layers.BatchNormalization(
            momentum=0.9, gamma_initializer="zeros" if last else "ones", name=f"{name}_norm_{step}"
        )(x)
        if not last:
            x = keras.layers.ReLU(name=f"{name}_relu_{step}")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(keras.layers.Add(name=f"{name}_add")([feature_map, x]))
