"""Initial weights decided by a seed, for models whose builders take none."""

import keras

from models.network.backbones.layer_graph import flat_layers
from models.network.layers.layer_seed import layer_seed

# Keras 2 and Keras 3 name the weights of a depthwise convolution differently.
_DRAWN = (
    ("kernel", "kernel_initializer"),
    ("kernel", "depthwise_initializer"),
    ("depthwise_kernel", "depthwise_initializer"),
    ("pointwise_kernel", "pointwise_initializer"),
)


def draw_weights(model: keras.Model, seed: int) -> None:
    """Draws the kernels of a model anew, each from its own initializer with a seed of its own.

    The seed comes from the layer's position and not from its name: Keras counts the names of unnamed
    layers upwards over all the models of a process.

    Args:
        model: A built model.
        seed: Decides the weights.
    """
    for position, layer in enumerate(flat_layers(model)):
        for kernel, initializer in _DRAWN:
            variable, drawn = getattr(layer, kernel, None), getattr(layer, initializer, None)
            if variable is None or drawn is None or "seed" not in drawn.get_config():
                continue
            config = {**drawn.get_config(), "seed": layer_seed(seed, f"{position}/{kernel}")}
            variable.assign(type(drawn).from_config(config)(tuple(variable.shape)))
