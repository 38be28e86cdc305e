"""SavedModel whose answers are calibrated and decided inside its graph."""

from typing import Any

import numpy as np
import tensorflow as tf

from components.decision_calibrator.calibration import SMALLEST, Calibration
from components.decision_calibrator.decision_graph import decide
from components.decision_calibrator.loaded_model import take_model
from components.decision_calibrator.rule import Rule


class DecidedModel(tf.Module):
    """Wraps a classifier's SavedModel.

    Every signature with an output `probabilities`, float32 `(batch, classes)`, answers, besides what it
    answered before:
     - `raw_probabilities`: what was `probabilities`, as the network says it;
     - `probabilities`: calibrated, and for the prior of the place of use;
     - `decision` string `(batch,)`, `decision_index` int64 `(batch,)`: by the rule;
     - `score` float32 `(batch,)`: the calibrated probability of the class decided for.
    The signature `explain` speaks of the class decided for by the rule. The others are left as they are.
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
        self._loaded = take_model(folder)
        self._classes = classes
        self._slope = calibration.slope.astype(np.float32)
        self._offset = calibration.offset.astype(np.float32)
        self._rule = rule

    def save(self, folder: str) -> None:
        """Writes the SavedModel."""
        loaded = self._loaded.signatures
        signatures = {
            name: self._decided(function) if "probabilities" in function.structured_outputs else function
            for name, function in loaded.items()
        }
        if "explain" in loaded:
            signatures["explain"] = self._explaining(loaded["predict_raw"])
        tf.saved_model.save(self, folder, signatures=signatures)

    def _decided(self, function: Any) -> Any:
        @tf.function(autograph=False)
        def answer(**inputs):
            return self._answer(function(**inputs))

        return answer.get_concrete_function(**_input_specs(function))

    def _explaining(self, predict_raw: Any) -> Any:
        """Makes `explain` anew: the network's own one speaks of the class that it holds for likeliest."""

        @tf.function(autograph=False)
        def explain(**inputs):
            answers = self._answer(predict_raw(**inputs))
            heat_map = self._loaded.heat_map_of(answers["decision_index"], inputs)
            return {"heat_map": heat_map, "decision": answers["decision"]}

        return explain.get_concrete_function(**_input_specs(predict_raw))

    def _answer(self, outputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        raw = outputs["probabilities"]
        probabilities = tf.nn.softmax(
            self._slope * tf.math.log(tf.maximum(raw, SMALLEST)) + self._offset, axis=-1
        )
        decision = decide(probabilities, self._rule)
        return {
            **outputs,
            "raw_probabilities": raw,
            "probabilities": probabilities,
            "decision": tf.gather(tf.constant(self._classes), decision),
            "decision_index": decision,
            "score": tf.gather(probabilities, decision, batch_dims=1),
        }


def _input_specs(function: Any) -> dict[str, tf.TensorSpec]:
    return {
        name: tf.TensorSpec(spec.shape, spec.dtype, name=name)
        for name, spec in function.structured_input_signature[1].items()
    }
