"""Optimizers that let part of a network learn more slowly than the rest."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from models.network.backbones.layer_graph import every_layer
from models.network.variable_path import variable_path


def rates_of_layer(model: keras.Model, layer_name: str, rate: float) -> dict[str, float]:
    """Gives every weight of a layer the same share of the learning rate.

    Args:
        model: A built model.
        layer_name: Name of a layer or nested model, at any depth.
        rate: The share, at least 0.

    Returns:
        `rates` for an optimizer of this module: the share for the path of each of the layer's weights.

    Raises:
        ValueError: There is no such layer, or weights in and outside of it have the same path.
    """
    layers = [layer for layer in every_layer(model) if layer.name == layer_name]
    inside = {id(variable): variable for layer in layers for variable in layer.trainable_variables}
    if not layers:
        raise ValueError(
            f"The model has no layer of this name. Received: {layer_name!r} for the model {model.name!r}"
        )
    paths = {variable_path(variable) for variable in inside.values()}
    outside = {
        variable_path(variable) for variable in model.trainable_variables if id(variable) not in inside
    }
    if paths & outside:
        raise ValueError(
            f"Weights in and outside of the layer {layer_name!r} share a path, so no rate can be given to one of "
            f"them alone: {sorted(paths & outside)[:3]}. Give the layers names of their own."
        )
    return dict.fromkeys(sorted(paths), float(rate))


class _LayerRates:
    """Multiplies an optimizer's learning rate, and its weight decay with it, by a share for some weights.

    Stands before the class of an optimizer whose steps are proportional to its learning rate. What the optimizer
    remembers of the gradients is unscaled, so the share holds exactly: 0.1 makes a tenth of the step, 0 none.
    """

    _rate = 1.0

    def __init__(self, *args: Any, rates: Mapping[str, float] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for path, rate in (rates or {}).items():
            if not 0 <= rate < float("inf"):
                raise ValueError(f"`rates` must be finite and at least 0. Received: {path}={rate}")
        # A tuple, as Keras and TensorFlow wrap a dict for tracking.
        self._rates = tuple((path, float(rate)) for path, rate in (rates or {}).items())

    def rate_of(self, variable: Any) -> float:
        """Returns the share of the learning rate for a weight: that of the longest path that leads to it."""
        path = variable_path(variable)
        matches = [item for item in self._rates if path == item[0] or path.startswith(item[0] + "/")]
        return max(matches, key=lambda item: len(item[0]))[1] if matches else 1.0

    @property
    def learning_rate(self) -> Any:
        rate = super().learning_rate  # type: ignore[misc]
        return rate if self._rate == 1 else tf.convert_to_tensor(rate) * self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        keras.optimizers.Optimizer.learning_rate.fset(self, value)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any = None) -> Any:
        if learning_rate is not None:
            # Keras 3 hands the rate over; Keras 2 has its optimizers read it.
            return super().update_step(gradient, variable, learning_rate * self.rate_of(variable))  # type: ignore[misc]
        with self._at_rate_of(variable):
            return super().update_step(gradient, variable)  # type: ignore[misc]

    def _apply_weight_decay(self, variables: Sequence[Any]) -> None:
        for variable in variables:
            with self._at_rate_of(variable):
                super()._apply_weight_decay([variable])  # type: ignore[misc]

    @contextmanager
    def _at_rate_of(self, variable: Any) -> Iterator[None]:
        self._rate = self.rate_of(variable)
        try:
            yield
        finally:
            self._rate = 1.0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rates": dict(self._rates)}  # type: ignore[misc]


@keras.saving.register_keras_serializable(package="counterpoise")
class LayerRatesAdam(_LayerRates, keras.optimizers.Adam):
    """Adam with a share of the learning rate for some weights.

    Args:
        *args: What `keras.optimizers.Adam` takes.
        rates: Share by path: that of a weight, `block_0_conv/kernel`, or of all weights below one,
            `block_0_conv`; each at least 0. Weights without a share have 1.
        **kwargs: What `keras.optimizers.Adam` takes.

    Raises:
        ValueError: A share is out of range.
    """


@keras.saving.register_keras_serializable(package="counterpoise")
class LayerRatesAdamW(_LayerRates, keras.optimizers.AdamW):
    """AdamW with a share of the learning rate, and so of the weight decay, for some weights.

    Args:
        *args: What `keras.optimizers.AdamW` takes.
        rates: Share by path, see LayerRatesAdam.
        **kwargs: What `keras.optimizers.AdamW` takes.

    Raises:
        ValueError: A share is out of range.
    """


@keras.saving.register_keras_serializable(package="counterpoise")
class LayerRatesSGD(_LayerRates, keras.optimizers.SGD):
    """SGD with a share of the learning rate for some weights.

    With momentum the share is of the velocity too, which Keras keeps in units of the learning rate: a fixed
    share stays exact.

    Args:
        *args: What `keras.optimizers.SGD` takes.
        rates: Share by path, see LayerRatesAdam.
        **kwargs: What `keras.optimizers.SGD` takes.

    Raises:
        ValueError: A share is out of range.
    """
