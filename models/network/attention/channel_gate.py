"""Channel gate: two dense layers from a map's channel statistics to one gate per channel."""

import keras

from models.network.layers.layer_seed import layer_seed


def channel_gate(
    layer: keras.layers.Layer, channels: int, activation: str | None = None
) -> tuple[keras.layers.Dense, keras.layers.Dense]:
    """Makes and builds the layers that squeeze channels together and stretch them out again.

    Args:
        layer: The layer they are part of, whose `ratio`, `seed`, name and dtype they take.
        channels: Channels of the map.
        activation: Of the second layer.

    Returns:
        `squeeze`, `(batch, channels)` to `(batch, inner)`, and `excite`, back to `(batch, channels)`.
    """
    # Four units at least: a map of few channels would be squeezed through a single number.
    inner = min(channels, max(4, channels // layer.ratio))
    squeeze = keras.layers.Dense(
        inner,
        activation="relu",
        kernel_initializer=keras.initializers.HeNormal(layer_seed(layer.seed, f"{layer.name}/squeeze")),
        dtype=layer.dtype_policy,
        name="squeeze",
    )
    excite = keras.layers.Dense(
        channels,
        activation=activation,
        kernel_initializer=keras.initializers.GlorotUniform(layer_seed(layer.seed, f"{layer.name}/excite")),
        dtype=layer.dtype_policy,
        name="excite",
    )
    squeeze.build((None, channels))
    excite.build((None, inner))
    return squeeze, excite
