"""Program of the fresh process: loads a SavedModel, asks it everything, writes down its answers.

It knows TensorFlow and nothing of the network's code, as a server does. What it prints, a line before each
request, tells where it was when it died.
"""

import ctypes
import json
import os
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from core.documents.raw_inputs import RawFeature, features_by_input

EXAMPLES, REQUESTS = "examples.tfrecord", "requests.json"
ANSWERS, ERRORS = "answers.npz", "errors.json"
PROBABILITIES = "probabilities"
# Where the exporter says which input of a signature is which raw feature.
# The input that takes serialised tf.Examples.
SERIALIZED = "examples"
_MESSAGE_LENGTH = 300
_PR_SET_PDEATHSIG = 1
# Lines of TensorFlow's messages that say where in the graph, not what.
_SCAFFOLDING = ("Graph execution error", "Detected at", "Stack trace", "File ", "[[", "(", "<")
# TensorFlow quotes a record that it cannot read, and then cannot hand over its own message.
_REFUSALS = (tf.errors.OpError, UnicodeDecodeError)

# First values of a record's features, by name.
_Value: TypeAlias = bytes | int | float
_Record: TypeAlias = dict[str, _Value]


def main(model_folder: str, folder: str) -> None:
    """Asks every signature that answers probabilities.

    Args:
        model_folder: Of the SavedModel.
        folder: Holds `examples.tfrecord`, serialised tf.Examples, and `requests.json`, a list of lists of
            their positions. It gets `answers.npz`, arrays named `<request>/<signature>/<output>` with one row
            per answered record, and `<request>/<signature>` with these records' places in the request; and
            `errors.json`: `signatures`, by name why it was not asked, or null; and `errors`, by
            `<request>/<signature>`, the message by place in the request, `batch` where there was none.
    """
    examples = list(tf.data.TFRecordDataset(os.path.join(folder, EXAMPLES)).as_numpy_iterator())
    with open(os.path.join(folder, REQUESTS), encoding="utf-8") as handle:
        requests = json.load(handle)
    print("loading the model", flush=True)
    loaded = tf.saved_model.load(model_folder)
    described = features_by_input(model_folder)
    feature_of = {name: feature.name for name, feature in described.items()}
    known = {name for one in examples for name in _features(one) or ()}
    reasons = {
        name: _why_not_asked(signature, known | set(feature_of))
        for name, signature in sorted(loaded.signatures.items())
        if PROBABILITIES in signature.structured_outputs
    }
    arrays: dict[str, np.ndarray] = {}
    errors: dict[str, dict[str, str]] = {}
    for number, places in enumerate(requests):
        for name in (name for name, reason in reasons.items() if reason is None):
            print(f"{name} with request {number}", flush=True)
            key = f"{number}/{name}"
            asked = [examples[place] for place in places]
            outputs, rows, errors[key] = ask(loaded.signatures[name], asked, described)
            arrays[key] = np.array(rows, np.int64)
            arrays.update({f"{key}/{output}": values for output, values in outputs.items()})
    np.savez(os.path.join(folder, ANSWERS), **arrays)
    with open(os.path.join(folder, ERRORS), "w", encoding="utf-8") as handle:
        json.dump({"signatures": reasons, "errors": errors}, handle)


def ask(
    signature: Any, examples: Sequence[bytes], described: Mapping[str, RawFeature]
) -> tuple[dict[str, np.ndarray], list[int], dict[str, str]]:
    """Asks all records at once, and one by one where that fails.

    Args:
        signature: Of a loaded SavedModel.
        examples: Serialised tf.Examples.
        described: Input of the signature to the raw feature it stands for.

    Returns:
        The outputs with a row per answered record; these records' places; and messages by place. Records
        that cannot be said by the signature's inputs have neither.
    """
    found = {row: _inputs(signature, example, described) for row, example in enumerate(examples)}
    inputs = {row: one for row, one in found.items() if one is not None}
    rows = list(inputs)
    if not rows and SERIALIZED not in _specs(signature):
        return {}, [], {}
    try:
        return _call(signature, list(inputs.values())), rows, {}
    except _REFUSALS as error:
        if len(rows) <= 1:
            return {}, [], {str(rows[0]) if rows else "batch": _message(error)}
    answers, errors = [], {}
    for row in rows:
        try:
            answers.append((row, _call(signature, [inputs[row]])))
        except _REFUSALS as error:
            errors[str(row)] = _message(error)
    answered = [row for row, _ in answers]
    names = answers[0][1] if answers else {}
    return {name: np.concatenate([one[name] for _, one in answers]) for name in names}, answered, errors


def _specs(signature: Any) -> dict[str, tf.TensorSpec]:
    return signature.structured_input_signature[1]


def _why_not_asked(signature: Any, known: set[str]) -> str | None:
    unknown = sorted(set(_specs(signature)) - known - {SERIALIZED})
    return f"its inputs {', '.join(unknown)} are no features of a record" if unknown else None


def _call(signature: Any, inputs: list[_Record]) -> dict[str, np.ndarray]:
    batch = {}
    for name, spec in _specs(signature).items():
        values = tf.constant([one[name] for one in inputs], spec.dtype, shape=(len(inputs),))
        batch[name] = values[:, tf.newaxis] if spec.shape.rank == 2 else values
    answers = {name: tensor.numpy() for name, tensor in signature(**batch).items()}
    return {
        # As fixed-width bytes: NumPy writes objects only as pickles.
        name: values.astype(np.bytes_) if values.dtype == object else values
        for name, values in answers.items()
    }


def _inputs(signature: Any, example: bytes, described: Mapping[str, RawFeature]) -> _Record | None:
    """Returns a record as the signature takes it, what is missing as "" or NaN; None where it cannot be said."""
    if set(_specs(signature)) == {SERIALIZED}:
        return {SERIALIZED: example}
    features = _features(example)
    if features is None:
        return None
    values: dict[str, _Value] = {}
    for name, spec in _specs(signature).items():
        feature = described.get(name)
        value = features.get(name if feature is None else feature.name)
        if value is None and not (spec.dtype == tf.string or spec.dtype.is_floating):
            return None
        if value == b"" and feature is not None and feature.kind == "text":
            # There "" says that the text is missing, and not that it is empty.
            return None
        values[name] = value if value is not None else b"" if spec.dtype == tf.string else float("nan")
    return values


def _features(example: bytes) -> _Record | None:
    """Returns the first value of every feature; None of what is no tf.Example."""
    try:
        with warnings.catch_warnings():
            # One implementation of protobuf only warns of bytes that it cannot make sense of.
            warnings.simplefilter("error")
            parsed = tf.train.Example.FromString(example).features.feature
    except Exception:  # Protobuf's error differs by its implementation.
        return None
    values = {
        name: getattr(feature, feature.WhichOneof("kind")).value
        for name, feature in parsed.items()
        if feature.WhichOneof("kind")
    }
    return {name: held[0] for name, held in values.items() if held}


def _message(error: Exception) -> str:
    if not isinstance(error, tf.errors.OpError):
        return "an error whose message is no text"
    lines = [line.strip() for line in str(error.message).splitlines()]
    telling = (line for line in lines if line and not line.startswith(_SCAFFOLDING))
    return f"{type(error).__name__}: {next(telling, '')}"[:_MESSAGE_LENGTH]


if __name__ == "__main__":
    # With whoever asks gone nobody reads the answers.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(sys.argv[3]):
        main(*sys.argv[1:3])
