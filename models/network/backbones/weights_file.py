"""Weights of a backbone out of a file."""

import os
import tempfile
import zipfile
from typing import Any

import h5py
import keras
import tensorflow as tf

from models.network.backbones.layer_graph import flat_layers
from models.network.variable_path import variable_path

_LEGACY, _CURRENT = "legacy.h5", "current.weights.h5"


def load_weights_file(model: keras.Model, path: str) -> None:
    """Loads the weights of a model of the same architecture, layer by layer in their order.

    Args:
        model: The backbone without a classifier.
        path: An HDF5 file of weights or of a whole model (`.h5`, `.weights.h5`: told apart by what is in
            it, not by its name), a `.keras` file, or the folder of a SavedModel.

    Raises:
        ValueError: The file is none of these, or fits another architecture; the message names the first
            layer that differs and its shapes where the file tells.
    """
    try:
        if os.path.isdir(path):
            _load_saved_model(model, path)
        elif zipfile.is_zipfile(path):
            _load_keras_archive(model, path)
        else:
            _load_hdf5(model, path)
    except Exception as err:
        # What Keras raises differs by its version and by the format: KeyError, ValueError, OSError, ...
        raise ValueError(
            f"The weights in {path!r} do not fit {model.name}: {' '.join(str(err).split())[:400]} "
            "Set `model.image.weights` to a file of the same architecture and width, saved without its "
            "classifier (include_top=False)."
        ) from err
    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def _load_keras_archive(model: keras.Model, path: str) -> None:
    with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as content:
        _check_number(model, h5py.File(content))
    model.load_weights(path)


def _load_hdf5(model: keras.Model, path: str) -> None:
    with h5py.File(path) as file:
        group = file.get("model_weights", file)
        is_legacy = "layer_names" in group.attrs
        if is_legacy:
            _check_layers(model, group)
        else:
            _check_number(model, file)
    # Keras picks the format by the ending of the name alone.
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, _LEGACY if is_legacy else _CURRENT)
        os.symlink(os.path.abspath(path), link)
        model.load_weights(link)


def _check_layers(model: keras.Model, group: Any) -> None:
    """Compares the layers with weights, one after the other: Keras itself says no more than their number."""
    saved = [(_text(name), _saved_shapes(group[name])) for name in group.attrs["layer_names"]]
    saved = [(name, shapes) for name, shapes in saved if shapes]
    layers = [(layer.name, _shapes(layer.weights)) for layer in model.layers if layer.weights]
    nothing: tuple[str, list[tuple[int, ...]]] = ("no layer", [])
    for place in range(max(len(saved), len(layers))):
        name, shapes = layers[place] if place < len(layers) else nothing
        saved_name, saved_shapes = saved[place] if place < len(saved) else nothing
        # Keras 2 and Keras 3 order the statistics of a Normalization layer differently.
        if sorted(shapes) != sorted(saved_shapes):
            raise ValueError(
                f"layer {place + 1} with weights is {name} of shapes {shapes} in the network and "
                f"{saved_name} of shapes {saved_shapes} in the file."
            )


def _check_number(model: keras.Model, file: h5py.File) -> None:
    """Counts the arrays: Keras loads what it looks for and never says what it has left over."""
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    # The optimizer and the metrics of a compiled model lie beside its layers.
    saved = [name for name in names if "layer" in name.split("/")[0]]
    if len(saved) > len(model.weights):
        raise ValueError(
            f"the network has {len(model.weights)} arrays of weights, the file {len(saved)}, among them "
            f"{saved[-1]} of shape {file[saved[-1]].shape}."
        )


def _load_saved_model(model: keras.Model, path: str) -> None:
    saved = list(tf.saved_model.load(path).variables)
    if len(saved) != len(model.weights):
        raise ValueError(
            f"the network has {len(model.weights)} arrays of weights, the SavedModel {len(saved)}."
        )
    for weight, variable in zip(model.weights, saved, strict=True):
        if tuple(weight.shape) != tuple(variable.shape):
            raise ValueError(
                f"{variable_path(weight)} has the shape {tuple(weight.shape)} in the network, and {variable.name} "
                f"{tuple(variable.shape)} in the SavedModel."
            )
    for weight, variable in zip(model.weights, saved, strict=True):
        weight.assign(variable)


def _shapes(weights: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in weights]


def _saved_shapes(group: Any) -> list[tuple[int, ...]]:
    return _shapes(group[name] for name in group.attrs["weight_names"])


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
