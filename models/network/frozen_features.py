"""A frozen backbone run once per image instead of once per image and epoch."""

import itertools
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.backbones.layer_graph import ancestors, is_symbolic, producer, producing_call, sources
from models.network.fine_tuning import backbones_in

# What may stand between the backbone and the kept features: neither trained nor random.
_FIXED = (
    keras.layers.Activation,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
)


def embedding_obstacle(model: keras.Model, images_change: bool = False) -> str | None:
    """Says why the features of a classifier's backbone cannot be computed once for all epochs.

    Args:
        model: The classifier.
        images_change: Whether an image looks different in every epoch, as with augmentation on the fly.

    Returns:
        A sentence for the log, or None where `embed` works.
    """
    if images_change:
        return "Images that are augmented on the fly look different in every epoch."
    backbones = list(backbones_in(model))
    if not backbones:
        return "The classifier has no image backbone."
    if any(backbone.trainable_weights for backbone in backbones):
        return "The backbone is trained, so its features change with every step."
    if not _is_plain_graph(model):
        return "The classifier is more than a graph of layers from a dict of inputs."
    feature_maps = _feature_maps(model)
    if len(feature_maps) != 1:
        return "More than one feature map is computed for every record."
    if not any(tensor is model.input.get("image") for tensor in sources(feature_maps[0])):
        return "The classifier changes the image before its backbone sees it."
    return None


def embed(
    model: keras.Model,
    dataset: tf.data.Dataset,
    *,
    memory_limit: int = 2**30,
    cache_folder: str | None = None,
) -> tuple[tf.data.Dataset, keras.Model]:
    """Computes the features of all images once, and builds the rest of the classifier over them.

    The features are the backbone's feature map, or its mean (maximum) over the map where nothing else
    reads the map: 1280 numbers instead of 11,520 for MobileNetV2 at 96 x 96 pixels. They are computed at
    once, in batches and in inference mode.

    Args:
        model: The classifier, a functional model from a dict of inputs to logits, whose backbone is frozen:
            see `set_trainable`. Its image enters as `image`.
        dataset: Batches of `(inputs, label)` whose records stay the same in every epoch. Read once; the
            order of the records is kept. `result.unbatch().shuffle(...).batch(...)` shuffles anew in every
            epoch.
        memory_limit: Most bytes of features and other inputs to keep in memory; more go to a file.
        cache_folder: Where that file goes; by default a temporary folder that goes with the head.

    Returns:
        The batches with the features, float32, in the place of `image`; and the head: a model from these
        inputs to the classifier's output that calls the classifier's own layers. Fitting the head is
        fitting the classifier.

    Raises:
        ValueError: The backbone's features cannot be kept: see `embedding_obstacle`. Or the dataset is empty.
    """
    reason = embedding_obstacle(model)
    if reason is not None:
        raise ValueError(
            f"The features of {model.name} cannot be kept for all epochs. {reason} Train on images instead."
        )
    features = _features(model)
    head = _Head(model, features)
    batches = _embedded(keras.Model(model.input["image"], features), dataset)
    held, size = [], 0
    for batch in batches:
        held.append(batch)
        size += sum(array.nbytes for array in tf.nest.flatten(batch))
        if size > memory_limit:
            folder = cache_folder or _temporary_folder(head)
            return _in_file(held, batches, os.path.join(folder, "features")), head
    return _in_memory(held), head


class _Head(keras.Model):
    """Calls the layers of a classifier that come after its features.

    `keras.Model(features, model.output)` would do the same, but leaves traces in the layers: under Keras 2
    `classifier.get_layer(name).output` fails from then on.
    """

    def __init__(self, classifier: keras.Model, features: Any):
        super().__init__(name=f"{classifier.name}_head")
        inputs = {**classifier.input, "image": features}
        calls = {}
        for tensor in ancestors(classifier.output, known=inputs):
            call = producing_call(tensor)
            calls[id(call.outputs[0])] = call
        self.called_layers = list({id(call.layer): call.layer for call in calls.values()}.values())

        def run(values: dict[str, tf.Tensor]) -> tf.Tensor:
            known = {id(tensor): values[name] for name, tensor in inputs.items() if name in values}
            for call in calls.values():
                positional, named = tf.nest.map_structure(
                    lambda value: known[id(value)] if is_symbolic(value) else value, call.arguments
                )
                results = tf.nest.flatten(call.layer(*positional, **named))
                known.update(zip(map(id, call.outputs), results, strict=True))
            return known[id(classifier.output)]

        # In a closure, as Keras would look for layers in the symbolic tensors of an attribute.
        self._run = run

    def call(self, inputs: dict[str, tf.Tensor], training: bool | None = None) -> tf.Tensor:
        # The layers learn of `training` from Keras: from this call, which has to name it for Keras 3 to train it so.
        return self._run(inputs)


def _is_plain_graph(model: keras.Model) -> bool:
    """Says whether calling a model is calling its layers: no class of its own does more."""
    plain = keras.Sequential([keras.Input((1,)), keras.layers.Activation("linear")])
    functional = type(keras.Model(plain.inputs, plain.outputs))
    return type(model) is functional and isinstance(model.input, dict) and is_symbolic(model.output)


def _feature_maps(model: keras.Model) -> list[Any]:
    names = {id(backbone) for backbone in backbones_in(model)}
    return [tensor for tensor in ancestors(model.output) if id(producer(tensor)) in names]


def _features(model: keras.Model) -> Any:
    """Returns the tensor to keep: as far behind the backbone as nothing is trained, drawn or branches off."""
    (features,) = _feature_maps(model)
    tensors = ancestors(model.output)
    while True:
        readers = [each for each in tensors if any(source is features for source in sources(each))]
        if len(readers) != 1 or not isinstance(producer(readers[0]), _FIXED):
            return features
        (features,) = readers


def _embedded(encoder: keras.Model, dataset: tf.data.Dataset) -> Iterator[tuple[dict[str, Any], Any]]:
    encode = tf.function(lambda images: encoder(images, training=False), reduce_retracing=True)
    for inputs, label in dataset:
        features = tf.cast(encode(inputs["image"]), tf.float32)
        yield tf.nest.map_structure(lambda tensor: tensor.numpy(), ({**inputs, "image": features}, label))


def _in_memory(batches: list[Any]) -> tf.data.Dataset:
    if not batches:
        raise ValueError("The dataset is empty: there is no image to compute features of.")
    batch_size = len(batches[0][1])
    records = tf.nest.map_structure(lambda *arrays: np.concatenate(arrays), *batches)
    return tf.data.Dataset.from_tensor_slices(records).batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _in_file(held: list[Any], others: Iterator[Any], path: str) -> tf.data.Dataset:
    signature = tf.nest.map_structure(
        lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), held[0]
    )
    batches = itertools.chain(held, others)
    cached = tf.data.Dataset.from_generator(lambda: batches, output_signature=signature).cache(path)
    # The cache is complete, and asks for the batches no more, once it has been read to its end.
    num_batches = sum(1 for _ in cached)
    held.clear()
    return cached.apply(tf.data.experimental.assert_cardinality(num_batches)).prefetch(tf.data.AUTOTUNE)


def _temporary_folder(owner: Any) -> str:
    folder = tempfile.mkdtemp(prefix="frozen_features_")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder
