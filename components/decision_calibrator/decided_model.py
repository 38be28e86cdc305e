"""SavedModel whose answers are calibrated and decided inside its graph."""

from typing import Any

import numpy as np
import tensorflow as tf
from tfx.dsl.io import fileio

from components.decision_calibrator.abstention import Abstention
from components.decision_calibrator.calibration import SMALLEST, Calibration
from components.decision_calibrator.decision_graph import decide, doubt
from components.decision_calibrator.loaded_model import take_model
from components.decision_calibrator.prediction_sets import PredictionSets
from components.decision_calibrator.record_cost_graph import (
    AmountFeature,
    decide_by_costs,
    expected_costs,
    read_amounts,
)
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unknown_graph import ServedUnknown
from core.decision_words import ABSTAIN
from core.documents.raw_inputs import features_by_input

_EMBEDDING = "embedding"


class DecidedModel(tf.Module):
    """Wraps a classifier's SavedModel.

    Every signature with an output `probabilities`, float32 `(batch, classes)`, answers, besides what it
    answered before:
     - `raw_probabilities`: what was `probabilities`, as the network says it;
     - `probabilities`: calibrated, and for the prior of the place of use;
     - `decision` string `(batch,)`, `decision_index` int64 `(batch,)`: by the rule;
     - `score` float32 `(batch,)`: the calibrated probability of the class decided for.
    Where the model abstains, further `doubt` float32 `(batch,)`, see `Rule.doubt`, and `abstain` bool `(batch,)`, whether the
    record is left to a person: then `decision` is "abstain", and index and score are those of the class that the rule would
    decide for. Where sets are asked for, `prediction_set` bool `(batch, classes)`, whether each class is in the record's set,
    and `prediction_set_size` int64 `(batch,)`. Where costs depend on the record, `expected_cost` float32 `(batch,)`, that of
    the decision; a request without a record's amount is refused, see `read_amounts`. Where records may be unknown,
    `unlikeness` float32 `(batch,)`, see `Unlikeness`, and `unknown` bool `(batch,)`: then `decision` is "unknown", whether or
    not the model abstains too. The output `embedding`, which this is computed of, is not answered any more, but by the signature `embed`.
    The signature `explain` speaks of the class decided for by the rule, and of its calibrated log-odds. The others are left
    as they are.
    """

    def __init__(
        self,
        folder: str,
        classes: list[str],
        calibration: Calibration,
        rule: Rule,
        abstention: Abstention | None = None,
        sets: PredictionSets | None = None,
        unknown: Unknown | None = None,
    ):
        """Loads the model.

        Args:
            folder: Of the SavedModel.
            classes: Names in the order of `probabilities`.
            calibration: Made for the model's probabilities.
            rule: Made for the calibrated probabilities.
            abstention: Made for the rule; None decides on all records.
            sets: Made for the calibrated probabilities; None answers none.
            unknown: Made for the network's embedding, which the model then has to answer; None calls no record unknown.
        """
        super().__init__()
        self._loaded = take_model(folder)
        self._classes = classes
        self._slope = calibration.slope.astype(np.float32)
        self._offset = calibration.offset.astype(np.float32)
        self._rule = rule
        self._abstention = abstention
        self._sets = sets
        columns = rule.record_costs.columns if isinstance(rule, RecordCostRule) else ()
        self._amounts = AmountFeature.find(columns, features_by_input(folder, fileio) if columns else {})
        self._unknown = None if unknown is None else ServedUnknown(unknown)

    def save(self, folder: str) -> None:
        """Writes the SavedModel."""
        loaded = self._loaded.signatures
        signatures = {
            name: self._decided(function) if "probabilities" in function.structured_outputs else function
            for name, function in loaded.items()
        }
        if "explain" in loaded:
            signatures["explain"] = self._explaining(loaded["predict_raw"], loaded["explain"])
        tf.saved_model.save(self, folder, signatures=signatures)

    def _decided(self, function: Any) -> Any:
        @tf.function(autograph=False)
        def answer(**inputs):
            return self._answer(function(**inputs), inputs)

        return answer.get_concrete_function(**_input_specs(function))

    def _explaining(self, predict_raw: Any, networks: Any) -> Any:
        """Makes `explain` anew, for the decision and the probabilities of this model.

        The network's own one speaks of the class that the network holds for likeliest, and of log-odds not calibrated.
        """
        outputs = networks.structured_outputs
        calibration = {"slope": self._slope, "offset": self._offset, "smallest": np.float32(SMALLEST)}

        @tf.function(autograph=False)
        def explain(**inputs):
            index = self._answer(predict_raw(**inputs), inputs)["decision_index"]
            # The class that is spoken of, also where the model abstains.
            explained = {"decision": tf.gather(self._classes, index)}
            if "heat_map" in outputs:
                explained["heat_map"] = self._loaded.heat_map_of(index, inputs)
            if "contributions" in outputs:
                explained |= self._loaded.contributions_of(
                    {name: tf.constant(values) for name, values in calibration.items()}, index, inputs
                )
            return explained

        return explain.get_concrete_function(**_input_specs(predict_raw))

    def _answer(self, outputs: dict[str, tf.Tensor], inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        raw = outputs["probabilities"]
        probabilities = tf.nn.softmax(
            self._slope * tf.math.log(tf.maximum(raw, SMALLEST)) + self._offset, axis=-1
        )
        with_costs = {}
        if isinstance(self._rule, RecordCostRule):
            amounts = read_amounts(inputs, self._amounts) if self._amounts else None
            costs = expected_costs(probabilities, self._rule, amounts)
            index = decide_by_costs(probabilities, self._rule, costs)
            with_costs["expected_cost"] = tf.cast(tf.minimum(*costs), tf.float32)
        else:
            index = decide(probabilities, self._rule)
        answers = {
            **{name: values for name, values in outputs.items() if name != _EMBEDDING},
            **with_costs,
            "raw_probabilities": raw,
            "probabilities": probabilities,
            "decision": tf.gather(tf.constant(self._classes), index),
            "decision_index": index,
            "score": tf.gather(probabilities, index, batch_dims=1),
        }
        answers = self._with_sets(self._with_abstention(answers))
        # Last, as its word comes first.
        return answers if self._unknown is None else self._unknown.mark(answers, outputs[_EMBEDDING])

    def _with_abstention(self, answers: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        if self._abstention is None:
            return answers
        # The expected cost is the doubt where there is one.
        doubts = answers.get("expected_cost")
        if doubts is None:
            doubts = doubt(answers["probabilities"], self._rule)
        abstains = doubts > np.float32(self._abstention.threshold)
        decision = tf.where(abstains, ABSTAIN, answers["decision"])
        return {**answers, "decision": decision, "doubt": doubts, "abstain": abstains}

    def _with_sets(self, answers: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        if self._sets is None:
            return answers
        held = answers["probabilities"] >= self._sets.thresholds.astype(np.float32)
        size = tf.reduce_sum(tf.cast(held, tf.int64), axis=-1)
        return {**answers, "prediction_set": held, "prediction_set_size": size}


def _input_specs(function: Any) -> dict[str, tf.TensorSpec]:
    return {
        name: tf.TensorSpec(spec.shape, spec.dtype, name=name)
        for name, spec in function.structured_input_signature[1].items()
    }
