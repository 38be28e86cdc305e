"""Looks for pretrained weights of the recipe's backbone on this machine; nothing is fetched."""

import os

_BACKBONE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35"
# Weights of one size of images do for another; those of the recipe's own size come first.
RECIPE_SIDE = 192
_SIDES = (RECIPE_SIDE, 224, 160, 128, 96)


def cached_weights() -> str | None:
    """Returns what `model.image.weights` may say of MobileNetV2 0.35 without a download.

    Returns:
        `imagenet` where Keras has fetched the weights for images of the recipe's size before, the path of the file
        where it has those for another size, or None.
    """
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    for side in _SIDES:
        path = os.path.join(home, "models", f"{_BACKBONE}_{side}_no_top.h5")
        if os.path.isfile(path):
            return "imagenet" if side == RECIPE_SIDE else path
    return None
