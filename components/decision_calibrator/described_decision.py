"""Description of a fitted decision as the document beside the model, and the decision read from it again."""

import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from components.decision_calibrator.abstention import Abstention
from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.described_unknown import describe_unknown
from components.decision_calibrator.fit_decision import FittedDecision
from components.decision_calibrator.prediction_sets import PredictionSets, fewest_records
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Queue, QueueSize, Rule
from components.decision_calibrator.settings import DecisionSettings
from core.documents import decision as documents

_Value = TypeVar("_Value")
_FORMULA = "argmax(probabilities @ matrix)"


def describe_decision(
    settings: DecisionSettings,
    fitted: FittedDecision,
    classes: Sequence[str],
    implied_prior: np.ndarray,
    natural_prior: np.ndarray,
    fitted_on: str,
    labels: np.ndarray,
) -> documents.Decision:
    """Says how the model decides; `version` is a digest of the rest.

    Args:
        settings: The experiment's.
        fitted: Calibration and rule.
        classes: Names in index order.
        implied_prior: Class shares the network learnt under, `(classes,)`.
        natural_prior: Those of train before augmentation, `(classes,)`.
        fitted_on: The split of the held-out records, or `out_of_fold`.
        labels: Of these records, class indices.
    """
    calibration = fitted.calibration
    described = documents.Decision(
        version="",
        classes=tuple(classes),
        settings=settings.model_dump(mode="json", by_alias=True),
        calibration=documents.CalibrationFigures(
            formula="softmax(slope * log(raw_probabilities) + offset)",
            slope=_by_class(classes, calibration.slope.tolist()),
            offset=_by_class(classes, calibration.offset.tolist()),
        ),
        priors=documents.DecisionPriors(
            implied=_by_class(classes, implied_prior.tolist()),
            natural=_by_class(classes, natural_prior.tolist()),
        ),
        rule=_rule_figures(fitted.rule, classes),
        fitted_on=documents.FittedOn(
            split=fitted_on,
            records=_by_class(classes, np.bincount(labels, minlength=len(classes)).tolist()),
        ),
        **({} if fitted.abstention is None else {"abstention": _abstention(fitted.abstention, fitted.rule)}),
        **({} if fitted.sets is None else {"coverage": _coverage(fitted.sets, classes)}),
        **({} if fitted.unknown is None else {"unknown": describe_unknown(fitted.unknown, classes)}),
    )
    return described.model_copy(update={"version": _digest(described)})


def calibration_of(decision: documents.Decision) -> Calibration:
    """Returns the calibration that is described."""
    slope, offset = (
        np.array([values[name] for name in decision.classes])
        for values in (decision.calibration.slope, decision.calibration.offset)
    )
    return Calibration(slope, offset)


def rule_of(rule: documents.RuleFigures, classes: Sequence[str]) -> Rule:
    """Returns the rule that is described.

    Args:
        rule: Its description.
        classes: Names in index order.
    """
    if rule.costs is not None:
        return RecordCostRule.of_figures(rule.costs, list(classes))

    def in_order(values: dict[str, _Value] | None) -> np.ndarray | None:
        return None if values is None else np.array([values[name] for name in classes])

    return Rule(
        rule.name,
        np.array(rule.matrix, np.float64),
        in_order(rule.weights),
        in_order(rule.weights_spread),
        None
        if rule.queue is None
        else Queue(
            list(classes).index(rule.queue.class_name),
            _queue_size_of(rule.queue.size),
            tuple(map(_queue_size_of, rule.queue.others)),
        ),
    )


def _rule_figures(rule: Rule, classes: Sequence[str]) -> documents.RuleFigures:
    thresholds, formula, with_queue, with_costs = rule.thresholds(), _FORMULA, {}, {}
    if rule.queue is not None:
        name = classes[rule.queue.index]
        size, others = _queue_size(rule.queue.size), tuple(map(_queue_size, rule.queue.others))
        with_queue = {"queue": documents.QueueFigures(class_name=name, size=size, others=others)}
        formula = (
            f"{json.dumps(name, ensure_ascii=False)} where its probability is above {size.threshold:.6g}, "
            "elsewhere argmax(probabilities) of the others"
        )
    if isinstance(rule, RecordCostRule):
        costs = rule.record_costs.figures
        with_costs = {"costs": costs}
        formula = (
            f"{json.dumps(costs.class_name, ensure_ascii=False)} where p * catch + (1 - p) * false_alarm < p * miss, p its "
            "probability, elsewhere argmax(probabilities) of the others"
        )
    return documents.RuleFigures(
        name=rule.name,
        formula=formula,
        matrix=rule.matrix.tolist(),
        weights=None if rule.weights is None else _by_class(classes, rule.weights.tolist()),
        weights_spread=None if rule.spread is None else _by_class(classes, rule.spread.tolist()),
        thresholds=None if thresholds is None else _by_class(classes, thresholds.tolist()),
        **with_queue,
        **with_costs,
    )


def _abstention(abstention: Abstention, rule: Rule) -> documents.AbstentionFigures:
    spread = None
    if abstention.spread is not None:
        low, middle, high = abstention.spread.tolist()
        spread = (low, middle, high)
    return documents.AbstentionFigures(
        formula=_doubt_formula(rule),
        threshold=abstention.threshold,
        threshold_spread=spread,
        share=abstention.share,
        error=abstention.error,
    )


def _coverage(sets: PredictionSets, classes: Sequence[str]) -> documents.CoverageFigures:
    return documents.CoverageFigures(
        formula="probabilities >= thresholds",
        coverage=sets.coverage,
        thresholds=_by_class(classes, sets.thresholds.tolist()),
        records=_by_class(classes, sets.num_records.tolist()),
        fewest_records=fewest_records(sets.coverage),
        own_weight=_by_class(classes, sets.own_weight.tolist()),
    )


def _doubt_formula(rule: Rule) -> str:
    if rule.queue is not None:
        return "min(a, b) / (a + b), a = (1 - threshold) * p, b = threshold * (1 - p), p that of the queue's class"
    if isinstance(rule, RecordCostRule):
        return "min(p * catch + (1 - p) * false_alarm, p * miss), the expected cost of the decision"
    if rule.weights is None:
        return "-max(probabilities @ matrix)"
    return "1 - max(probabilities @ matrix) / sum(probabilities @ matrix)"


def _queue_size(size: QueueSize) -> documents.QueueSize:
    low, middle, high = size.spread.tolist()
    return documents.QueueSize(
        share=size.share,
        threshold=size.threshold,
        threshold_spread=(low, middle, high),
        records=size.num_records,
    )


def _queue_size_of(size: documents.QueueSize) -> QueueSize:
    return QueueSize(size.share, size.threshold, np.array(size.threshold_spread), size.records)


def _by_class(classes: Sequence[str], values: list[_Value]) -> dict[str, _Value]:
    return dict(zip(classes, values, strict=True))


def _digest(decision: documents.Decision) -> str:
    content = {name: value for name, value in decision.as_dict().items() if name != "version"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
