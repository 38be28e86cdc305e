"""Compares a served model's answers with those of the Python model; a sentence for every difference."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from components.amounts import example_amounts
from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.described_decision import calibration_of, rule_of
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Rule
from components.serving_validator.fresh_process import Answers
from components.serving_validator.request import Request
from components.serving_validator.unknown_outputs import OUTPUTS, wrong_unknown
from core.decision_words import ABSTAIN, UNKNOWN
from core.documents.decision import Decision

_PROBABILITIES, _RAW = "probabilities", "raw_probabilities"


@dataclass(frozen=True)
class Reference:
    """How the Python model's probabilities become the answers that are due, in NumPy.

    Attributes:
        classes: Names in index order.
        calibration: Turns raw probabilities into served ones.
        rule: The decision rule.
        set_thresholds: Probabilities from which on a class is in the set, float `(classes,)`; None where there are no sets.
        abstains_above: Doubt above which a record is left to a person; None where all are decided on.
        unknown_above: Unlikeness above which a record is called unknown; None where none is.
        tolerance: Most that a raw probability may be off.
    """

    classes: tuple[str, ...]
    calibration: Calibration
    rule: Rule
    tolerance: float
    abstains_above: float | None = None
    set_thresholds: np.ndarray | None = None
    unknown_above: float | None = None

    @classmethod
    def of(cls, decision: Decision, tolerance: float) -> "Reference":
        """Takes what lies beside the model of how it decides."""
        rule = rule_of(decision.rule, decision.classes)
        abstains_above = None if decision.abstention is None else decision.abstention.threshold
        sets = decision.coverage
        thresholds = None if sets is None else np.array([sets.thresholds[name] for name in decision.classes])
        unknown_above = None if decision.unknown is None else decision.unknown.threshold
        calibration = calibration_of(decision)
        return cls(decision.classes, calibration, rule, tolerance, abstains_above, thresholds, unknown_above)

    @property
    def served_tolerance(self) -> float:
        """Most that a served probability may be off: calibration multiplies differences of logits by its slope."""
        return self.tolerance * max(1.0, float(self.calibration.slope.max()))


@dataclass
class Verdict:
    """What is said of the answers of one signature to one request.

    Attributes:
        problems: Sentences; none where all is well.
        largest_difference: Of any probability from the Python model's; None where there is none to compare.
    """

    problems: list[str] = field(default_factory=list)
    largest_difference: float | None = None


def judge(
    request: Request,
    signature: str,
    answers: Answers,
    raw: np.ndarray | None,
    reference: Reference,
    unlikeness: np.ndarray | None = None,
) -> Verdict:
    """Compares answers with what is due.

    Args:
        request: What was asked.
        signature: Which signature was asked.
        answers: What it said.
        raw: What the Python model says to the request's records, float `(n, classes)`; None where the records
            are to be refused.
        reference: Turns these into the answers that are due.
        unlikeness: Of the records, by the Python model's embedding, float `(n,)`; None where none is due.
    """
    verdict = Verdict()
    if request.expected == "refuse":
        verdict.problems += _not_refused(request, signature, answers)
        return verdict
    verdict.problems += _not_answered(request, signature, answers)
    shape = (len(answers.rows), len(reference.classes))
    served = answers.outputs.get(_PROBABILITIES)
    if served is None:
        return verdict
    if served.shape != shape:
        verdict.problems.append(
            f"{signature} answers probabilities of shape {served.shape} to {shape[0]} records of "
            f"{shape[1]} classes, where {request.kind}."
        )
        return verdict
    if raw is None or shape[0] == 0:
        return verdict
    unlike = None if unlikeness is None else unlikeness[answers.rows]
    said = _Said(request, signature, answers, reference, unlike)
    due = reference.calibration.apply(raw[answers.rows])
    for output, values, tolerance in (
        (_RAW, raw[answers.rows], reference.tolerance),
        (_PROBABILITIES, due, reference.served_tolerance),
    ):
        if output in answers.outputs:
            difference, problems = said.compared(output, values, tolerance)
            verdict.largest_difference = max(verdict.largest_difference or 0.0, difference)
            # What is off before calibration is off after it.
            verdict.problems += [] if verdict.problems else problems
    if not verdict.problems:
        verdict.problems += said.decided_otherwise(due)
    return verdict


def _not_refused(request: Request, signature: str, answers: Answers) -> list[str]:
    if len(answers.rows) == 0:
        return []
    first = request.subjects[answers.rows[0]]
    return [
        f"{signature} answers {len(answers.rows)} of {len(request.subjects)} requests that it should refuse, as "
        f"if nothing were wrong, where {request.kind}; the first: {first}."
    ]


def _not_answered(request: Request, signature: str, answers: Answers) -> list[str]:
    if not answers.errors:
        return []
    place, message = next(iter(answers.errors.items()))
    subject = request.subjects[int(place)] if place.isdigit() else "an empty batch"
    return [
        f"{signature} fails to answer {len(answers.errors)} of {max(1, len(request.subjects))} requests where "
        f"{request.kind}; the first: {subject}: {message}"
    ]


@dataclass(frozen=True)
class _Said:
    """A signature's answers to a request, to be held against those due."""

    request: Request
    signature: str
    answers: Answers
    reference: Reference
    unlikeness: np.ndarray | None

    def compared(self, output: str, due: np.ndarray, tolerance: float) -> tuple[float, list[str]]:
        """Returns the largest difference of probabilities, and what is wrong with them."""
        served = self.answers.outputs[output].astype(np.float64)
        finite = np.isfinite(served).all(axis=1)
        if not finite.all():
            row = int(np.argmin(finite))
            return float("inf"), [
                f"{self.signature} answers {output} that are no finite numbers to {int((~finite).sum())} of "
                f"{len(finite)} records; the first: {self._subject(row)}: {served[row].tolist()}."
            ]
        differences = np.abs(served - due)
        place = np.unravel_index(np.argmax(differences), differences.shape)
        largest = float(differences[place])
        if largest <= tolerance:
            return largest, []
        beyond = int((differences.max(axis=1) > tolerance).sum())
        return largest, [
            f"{self.signature}: {output} differ from the Python model's by more than {tolerance:.3g} for {beyond} "
            f"of {len(served)} records; the most for {self._subject(int(place[0]))}: {served[place]:.6g} of class "
            f"{self.reference.classes[int(place[1])]!r} against {due[place]:.6g}, {largest:.3g} apart."
        ]

    def decided_otherwise(self, due: np.ndarray) -> list[str]:
        """Says where decision, its index, its score or the names are not what the probabilities make of them."""
        outputs, classes = self.answers.outputs, self.reference.classes
        if "decision_index" not in outputs:
            return []
        decided = outputs["decision_index"].astype(np.int64)
        if ((decided < 0) | (decided >= len(classes))).any():
            return [f"{self.signature}: decision_index is no index of one of {len(classes)} classes."]
        rows = np.arange(len(decided))
        names = np.array([name.encode() for name in classes])
        none = np.zeros(len(decided), bool)
        due_words = np.where(outputs.get("abstain", none), ABSTAIN.encode(), names[decided])
        due_words = np.where(outputs.get("unknown", none), UNKNOWN.encode(), due_words)
        wrong = {
            **self._wrong_costs(),
            **self._wrong_abstentions(),
            **self._wrong_sets(due),
            **self._wrong_unknown(),
            "decision_index": ~self.reference.rule.allows(
                due, decided, self.reference.served_tolerance, self._amounts
            ),
            "decision": outputs.get("decision", due_words) != due_words,
            "classes": (outputs.get("classes", names[np.newaxis]) != names).any(axis=1),
            "score": np.abs(outputs.get("score", due[rows, decided]) - due[rows, decided])
            > self.reference.served_tolerance,
        }
        return [
            f"{self.signature}: {output} is not what rule and probabilities make it for {int(mask.sum())} of "
            f"{len(decided)} records; the first: {self._subject(int(np.argmax(mask)))}: "
            f"{outputs[output][int(np.argmax(mask))]!r}."
            if output in outputs
            else f"{self.signature}: there is no output {output}, which the decision asks for."
            for output, mask in wrong.items()
            if mask.any()
        ]

    def _wrong_abstentions(self) -> dict[str, np.ndarray]:
        """Returns by output where doubt and abstention are not what the rule makes of the probabilities.

        Of those served, which are within the tolerance of those due: near a threshold of one in a thousand a doubt changes by
        a thousand times what a probability does.
        """
        threshold, outputs, rule = self.reference.abstains_above, self.answers.outputs, self.reference.rule
        if threshold is None:
            return {}
        served = outputs[_PROBABILITIES].astype(np.float64)
        if missing := self._missing(len(served), "doubt", "abstain"):
            return missing
        doubt = rule.doubt(served, self._amounts)
        near = self.reference.tolerance * rule.doubt_scale(self._amounts, len(served))
        can_tell = np.abs(doubt - threshold) > near
        return {
            "doubt": ~(np.abs(outputs["doubt"] - doubt) <= near),
            "abstain": can_tell & (outputs["abstain"] != (doubt > threshold)),
        }

    def _wrong_costs(self) -> dict[str, np.ndarray]:
        """Returns by output where the expected cost is not what rule, amounts and the probabilities served make it."""
        rule, outputs = self.reference.rule, self.answers.outputs
        if not isinstance(rule, RecordCostRule):
            return {}
        served = outputs[_PROBABILITIES].astype(np.float64)
        if missing := self._missing(len(served), "expected_cost"):
            return missing
        near = self.reference.tolerance * rule.doubt_scale(self._amounts, len(served))
        distance = np.abs(outputs["expected_cost"] - rule.doubt(served, self._amounts))
        return {"expected_cost": ~(distance <= near)}

    @cached_property
    def _amounts(self) -> np.ndarray | None:
        """What costs are made of, of the records answered, float `(n, columns)`; None where they are made of nothing."""
        rule = self.reference.rule
        if not isinstance(rule, RecordCostRule) or not rule.record_costs.columns:
            return None
        answered = [self.request.examples[row] for row in self.answers.rows]
        return example_amounts(answered, rule.record_costs.columns)

    def _wrong_sets(self, due: np.ndarray) -> dict[str, np.ndarray]:
        """Returns by output where sets and their sizes are not what thresholds make of the probabilities due."""
        thresholds, outputs = self.reference.set_thresholds, self.answers.outputs
        if thresholds is None:
            return {}
        if missing := self._missing(len(due), "prediction_set", "prediction_set_size"):
            return missing
        sets, can_tell = outputs["prediction_set"], np.abs(due - thresholds) > self.reference.served_tolerance
        return {
            "prediction_set": (can_tell & (sets != (due >= thresholds))).any(axis=1),
            "prediction_set_size": outputs["prediction_set_size"] != sets.sum(axis=1),
        }

    def _wrong_unknown(self) -> dict[str, np.ndarray]:
        """Returns by output where unlikeness and what follows of it are not those of the Python model's embedding."""
        threshold = self.reference.unknown_above
        if threshold is None or self.unlikeness is None:
            return {}
        return self._missing(len(self.unlikeness), *OUTPUTS) or wrong_unknown(
            self.answers.outputs, self.unlikeness, threshold, self.reference.tolerance
        )

    def _missing(self, num_records: int, *outputs: str) -> dict[str, np.ndarray]:
        return {name: np.ones(num_records, bool) for name in outputs if name not in self.answers.outputs}

    def _subject(self, row: int) -> str:
        return self.request.subjects[self.answers.rows[row]]
