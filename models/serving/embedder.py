"""Cuts a classifier before its logits: the vectors that say what a record is like."""

import keras

from models.network.ensemble import joined_members, members_of

_LOGITS, _EMBEDDING = "logits", "embedding"


def embedder(model: keras.Model) -> keras.Model:
    """Returns the network up to the vectors that its logits are computed from.

    These are what leaves the layer `embedding`; without one, what the layer `logits` reads. The vectors of
    several branches, and those of an ensemble's members, stand one behind the other.

    Args:
        model: A classifier with a layer `logits`, or one for each branch, `logits_<branch>`.

    Returns:
        A model of the same inputs, to float `(batch, units)`. It shares all weights with the classifier.

    Raises:
        ValueError: No layer is named so.
    """
    members = members_of(model)
    if members != [model]:
        vectors = joined_members(model, [embedder(member) for member in members])
        return keras.Model(model.input, keras.layers.Concatenate()(vectors), name="embedder")
    layers = {layer.name: layer for layer in model.layers}
    of_logits = [name for name in layers if name == _LOGITS or name.startswith(f"{_LOGITS}_")]
    if not of_logits:
        raise ValueError(
            f"Expected a classifier with a layer named `logits`. Received: layers {', '.join(layers)}"
        )
    vectors = []
    for name in of_logits:
        embedding = layers.get(name.replace(_LOGITS, _EMBEDDING, 1))
        vector = layers[name].input if embedding is None else embedding.output
        vectors.append(keras.layers.Flatten()(vector) if len(vector.shape) == 3 else vector)
    joined = vectors[0] if len(vectors) == 1 else keras.layers.Concatenate()(vectors)
    return keras.Model(model.input, joined, name="embedder")
