"""Reads classes with scores, and regressions, from a signature's outputs."""

import numpy as np
import tensorflow as tf

from models.serving.server.signature import Signature, Tensors
from models.serving.server.status import invalid_argument

_LABELS = "classes"
_SCORES = ("scores", "probabilities")
_REGRESSIONS = "outputs"
Classes = list[list[tuple[str, float]]]


def input_of_examples(signature: Signature) -> str:
    """Returns the name of the one input, which takes serialised tf.Examples.

    Raises:
        RequestError: There are several, or it takes something else.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    [(name, spec)] = signature.inputs.items()
    if spec.dtype != tf.string or not spec.shape.is_compatible_with([None]):
        raise invalid_argument(f"Expected input {name} to take serialised tf.Examples, string (batch,).")
    return name


def check_classifies(signature: Signature) -> None:
    """Checks that `read_classes` understands a signature's outputs.

    TensorFlow Serving itself asks for more: an input called `inputs`, and no outputs but `classes` and
    `scores`. Here other outputs may stand beside them, and the scores may be called `probabilities`.

    Raises:
        RequestError: It does not.
    """
    if not {_LABELS, *_SCORES} & signature.outputs.keys():
        raise invalid_argument(
            'Expected classification signature outputs to contain at least one of "classes", "scores" or '
            f'"probabilities". Outputs of {signature.name}: {", ".join(sorted(signature.outputs))}'
        )


def check_regresses(signature: Signature) -> None:
    """Checks that a signature has one output called `outputs`, as TensorFlow Serving asks.

    Raises:
        RequestError: It has not.
    """
    if set(signature.outputs) != {_REGRESSIONS}:
        raise invalid_argument(
            f'Expected regression signature to have one output, "{_REGRESSIONS}". '
            f"Outputs of {signature.name}: {', '.join(sorted(signature.outputs))}"
        )


def read_classes(outputs: Tensors, num_examples: int) -> Classes:
    """Returns every example's classes with their scores.

    Args:
        outputs: `classes`, string `(batch, classes)`, and `scores` or `probabilities`, float of the same
            shape; where one is missing, labels are empty or scores 0.
        num_examples: How many the request has.

    Raises:
        RequestError: The outputs have other shapes or types.
    """
    labels = outputs.get(_LABELS)
    scores = next((outputs[name] for name in _SCORES if name in outputs), None)
    for name, tensor, kind in ((_LABELS, labels, "O"), ("scores", scores, "f")):
        if tensor is not None and (tensor.ndim != 2 or len(tensor) != num_examples):
            raise invalid_argument(
                f"Expected {name} of shape ({num_examples}, num_classes) but got {tensor.shape}"
            )
        if tensor is not None and tensor.dtype.kind != kind:
            raise invalid_argument(f"Expected {name} to be {'strings' if kind == 'O' else 'floats'}.")
    if labels is not None and scores is not None and labels.shape != scores.shape:
        raise invalid_argument(f"Tensors class and score should match. Got {labels.shape} vs. {scores.shape}")
    if labels is None:
        assert scores is not None
        labels = np.full(scores.shape, b"", object)
    if scores is None:
        scores = np.zeros(labels.shape, np.float32)
    return [
        [(label.decode("utf-8", "replace"), float(score)) for label, score in zip(*one, strict=True)]
        for one in zip(labels, scores, strict=True)
    ]


def read_regressions(outputs: Tensors, num_examples: int) -> np.ndarray:
    """Returns every example's value, float32 `(batch,)`.

    Raises:
        RequestError: The output is not of shape `(batch,)` or `(batch, 1)`, or no float.
    """
    [values] = outputs.values()
    if values.dtype.kind != "f" or values.shape not in ((num_examples,), (num_examples, 1)):
        raise invalid_argument(
            f"Expected floats of shape ({num_examples},) or ({num_examples}, 1) but got {values.shape}"
        )
    return values.reshape(num_examples).astype(np.float32)
