"""Signature of a loaded SavedModel: named tensors in, named tensors out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from models.serving.server.status import invalid_argument

DEFAULT_SIGNATURE = "serving_default"
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Signature:
    """What can be asked of a model.

    Attributes:
        name: As in the SavedModel.
        inputs: Type and shape of every input by name; None in a shape stands for any size.
        outputs: The same of the outputs.
        function: The graph's function, taking tensors by name.
    """

    name: str
    inputs: Mapping[str, tf.TensorSpec]
    outputs: Mapping[str, tf.TensorSpec]
    function: Callable[..., dict[str, tf.Tensor]]

    @classmethod
    def of(cls, name: str, function: Callable[..., dict[str, tf.Tensor]]) -> "Signature":
        """Returns the signature of one of a loaded SavedModel's functions."""
        _, inputs = function.structured_input_signature  # type: ignore[attr-defined]
        outputs = function.structured_outputs  # type: ignore[attr-defined]
        return cls(name, dict(inputs), dict(outputs), function)

    def check(self, tensors: Tensors) -> None:
        """Checks that a request has the inputs' names, types and shapes.

        Raises:
            RequestError: It has not.
        """
        extra, missing = tensors.keys() - self.inputs.keys(), self.inputs.keys() - tensors.keys()
        if extra or missing:
            raise invalid_argument(
                f"input size does not match signature: {len(tensors)}!={len(self.inputs)} "
                f"len({{{','.join(sorted(tensors))}}}) != len({{{','.join(sorted(self.inputs))}}}). "
                f"Sent extra: {{{','.join(sorted(extra))}}}. "
                f"Missing but required: {{{','.join(sorted(missing))}}}."
            )
        for name, spec in self.inputs.items():
            sent = tf.string if tensors[name].dtype == object else tf.as_dtype(tensors[name].dtype)
            if sent != spec.dtype:
                raise invalid_argument(
                    f"Input {name} must be of type {spec.dtype.name}. Received: {sent.name}"
                )
            if not spec.shape.is_compatible_with(tensors[name].shape):
                raise invalid_argument(
                    f"Input {name} must be of shape {spec.shape}. Received: {tensors[name].shape}"
                )

    def run(self, tensors: Tensors) -> Tensors:
        """Runs the function on checked tensors.

        Raises:
            tf.errors.OpError: The graph cannot compute them.
        """
        with readable_errors():
            return as_arrays(self.function(**self.constants(tensors)))

    def constants(self, tensors: Tensors) -> dict[str, tf.Tensor]:
        """Returns checked tensors as TensorFlow's, in the order of the inputs."""
        return {name: tf.constant(tensors[name], spec.dtype) for name, spec in self.inputs.items()}


@contextmanager
def readable_errors() -> Iterator[None]:
    """Raises what TensorFlow meant to raise where its message quotes bytes of the request that are no text."""
    try:
        yield
    except UnicodeDecodeError as error:
        message = error.object.decode("utf-8", "replace")
        raise tf.errors.InvalidArgumentError(None, None, message) from None


def as_arrays(outputs: Mapping[str, tf.Tensor]) -> Tensors:
    """Returns outputs as arrays; strings are object arrays of bytes, also where there is one alone."""
    arrays = {}
    for name, tensor in outputs.items():
        value = tensor.numpy()
        if tensor.dtype == tf.string and not isinstance(value, np.ndarray):
            scalar = np.empty((), object)
            scalar[()] = value
            value = scalar
        arrays[name] = np.asarray(value)
    return arrays
