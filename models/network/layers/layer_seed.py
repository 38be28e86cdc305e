"""A seed of its own for every layer."""

import hashlib


def layer_seed(seed: int, layer_name: str) -> int:
    """Derives a layer's seed from the model's seed and the layer's name.

    Two layers that shared a seed would start from correlated weights. Counting upwards instead would
    change every layer's weights whenever one is added before it.

    Args:
        seed: The model's seed.
        layer_name: Name of the layer, unique in the model.

    Returns:
        An int in [0, 2**31), the same on every machine.
    """
    digest = hashlib.sha256(f"{seed}/{layer_name}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
