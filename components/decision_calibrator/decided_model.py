"""A SavedModel whose answers are calibrated and decided inside its graph."""

import json
import os
from typing import Any

import numpy as np
import tensorflow as tf
from tfx.dsl.io import fileio

from components.decision_calibrator.calibration import SMALLEST, Calibration
from components.decision_calibrator.rule import Rule

DECISION_ASSET = os.path.join("assets.extra", "decision.json")


class DecidedModel(tf.Module):
    """Wraps a classifier's SavedModel.

    Every signature with an output `probabilities`, float32 `(batch, classes)`, answers, besides what it
    answered before:
     - `raw_probabilities`: what was `probabilities`, as the network says it;
     - `probabilities`: calibrated, and for the prior of the place of use;
     - `decision` string `(batch,)`, `decision_index` int64 `(batch,)`: by the rule;
     - `score` float32 `(batch,)`: the calibrated probability of the class decided for.
    The other signatures are left as they are.
    """

    def __init__(self, folder: str, classes: list[str], calibration: Calibration, rule: Rule):
        """Loads the model.

        Args:
            folder: Of the SavedModel.
            classes: Names in the order of `probabilities`.
            calibration: Made for the model's probabilities.
            rule: Made for the calibrated probabilities.
        """
        super().__init__()
        self._loaded = tf.saved_model.load(folder)
        self._classes = classes
        self._slope = calibration.slope.astype(np.float32)
        self._offset = calibration.offset.astype(np.float32)
        self._matrix = rule.matrix.astype(np.float32)

    def save(self, folder: str) -> None:
        """Writes the SavedModel."""
        signatures = {
            name: self._decided(function) if "probabilities" in function.structured_outputs else function
            for name, function in self._loaded.signatures.items()
        }
        tf.saved_model.save(self, folder, signatures=signatures)

    def _decided(self, function: Any) -> Any:
        specs = {
            name: tf.TensorSpec(spec.shape, spec.dtype, name=name)
            for name, spec in function.structured_input_signature[1].items()
        }

        @tf.function
        def answer(**inputs):
            return self._answer(function(**inputs))

        return answer.get_concrete_function(**specs)

    def _answer(self, outputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        raw = outputs["probabilities"]
        probabilities = tf.nn.softmax(
            self._slope * tf.math.log(tf.maximum(raw, SMALLEST)) + self._offset, axis=-1
        )
        decision = tf.argmax(tf.matmul(probabilities, self._matrix), axis=-1)
        return {
            **outputs,
            "raw_probabilities": raw,
            "probabilities": probabilities,
            "decision": tf.gather(tf.constant(self._classes), decision),
            "decision_index": decision,
            "score": tf.gather(probabilities, decision, batch_dims=1),
        }


def write_decision(folder: str, content: dict[str, Any]) -> None:
    """Writes how a SavedModel decides into the SavedModel's folder, where TensorFlow Serving leaves it alone."""
    path = os.path.join(folder, DECISION_ASSET)
    fileio.makedirs(os.path.dirname(path))
    with fileio.open(path, "wb") as handle:
        handle.write((json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_decision(folder: str) -> dict[str, Any]:
    """Reads what `write_decision` wrote."""
    with fileio.open(os.path.join(folder, DECISION_ASSET), "rb") as handle:
        return json.loads(handle.read())
