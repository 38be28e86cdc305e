"""Promotion gate: no class forgotten, nothing worse than the last blessed model, better than the majority."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import CALLED_UNKNOWN, LEFT_TO_A_PERSON, Answers
from components.evaluation.bootstrap import stratified_resamples
from components.evaluation.intervals import wilson_interval
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.paired_recall import PairedRecall, paired_recall
from components.evaluation.summary_metrics import SUMMARY_METRICS, SummaryMetric
from core.documents.metrics import GateCondition

_RESAMPLES = 200
# By check, as the report calls them.
CHECK_TITLES = {
    "recall_lower_bound": "Least recall",
    "better_than_majority": "Better than always the commonest class",
    "recall_drop": "Recall no worse than the last blessed model’s",
    "macro_f1_drop": "Macro-F1 no worse than the last blessed model’s",
    "calibration_drop": "Calibration no worse than the last blessed model’s",
}


@dataclass(frozen=True)
class Limits:
    """Settings of the gate.

    Attributes:
        min_recall_lower_bound: Least lower end of every class's 95 % recall interval.
        max_drop: Most that a recall, macro-F1 or the calibration may be worse than the last blessed model's.
        drop_confidence: How sure it must be, in [0, 1), that a drop is not by chance.
    """

    min_recall_lower_bound: float = 0.0
    max_drop: float = 0.02
    drop_confidence: float = 0.8


@dataclass(frozen=True)
class _Figure:
    """A figure of all classes that must not get worse.

    Attributes:
        check: Name of the condition.
        subject: The figure, as a sentence begins with it.
        verb: How it gets worse.
        metric: How it is computed, and which direction is better.
    """

    check: str
    subject: str
    verb: str
    metric: SummaryMetric

    def drop(self, labels: np.ndarray, baseline: Answers, candidate: Answers) -> float:
        """Returns by how much the candidate is worse than the baseline."""
        change = _value(self.metric, labels, candidate) - _value(self.metric, labels, baseline)
        return -change if self.metric.higher_is_better else change


_MACRO_F1 = SUMMARY_METRICS["macro_f1"]
_FIGURES = (
    _Figure("macro_f1_drop", "Macro-F1", "fell", _MACRO_F1),
    _Figure("calibration_drop", "The calibration error", "rose", SUMMARY_METRICS["ece"]),
)


def promotion_conditions(
    classes: Sequence[str],
    labels: np.ndarray,
    candidate: Answers,
    baseline: Answers | None,
    limits: Limits,
) -> list[GateCondition]:
    """Judges a model on the test records, beside the last blessed one on the same records.

    Every class's recall has a lower bound; macro-F1 is above that of always deciding for the commonest
    class; and no class's recall, nor macro-F1, nor the calibration error is worse than the last blessed
    model's by more than `max_drop`. As one record of a class of ten is a tenth of its recall, a drop
    counts once it is also unlikely to be chance: for a recall, by the sign test over the records that only one
    of the models got right; for the other two, by the share of bootstrap resamples that show no drop.

    A record that a model leaves to a person, or calls unknown, is not found by it: it counts as missed by its class, and as a
    false alarm of none, so that a rule which abstains on the rare class alone does not pass for one that finds it.

    References:
        McNemar (1947), "Note on the sampling error of the difference between correlated proportions";
        Wilson (1927) for the recall's interval.

    Args:
        classes: Class names in index order.
        labels: Class indices, int `(n,)`.
        candidate: The model to judge.
        baseline: The last blessed model, in the candidate's order of classes; None for the first.
        limits: The limits.

    Returns:
        The conditions, those of the classes in index order.
    """
    conditions = [
        _recall_bound(name, candidate.decisions[labels == index], index, limits)
        for index, name in enumerate(classes)
    ]
    conditions.append(_better_than_majority(labels, candidate))
    if baseline is not None:
        conditions += _against_baseline(classes, labels, candidate, baseline, limits)
    return conditions


def _recall_bound(name: str, decisions: np.ndarray, index: int, limits: Limits) -> GateCondition:
    """Judges the recall of a class by the decisions for its records, int `(support,)`."""
    hits, support = int((decisions == index).sum()), len(decisions)
    withheld = {
        "left to a person": int((decisions == LEFT_TO_A_PERSON).sum()),
        "called unknown": int((decisions == CALLED_UNKNOWN).sum()),
    }
    interval = wilson_interval(hits, support)
    limit = limits.min_recall_lower_bound
    if interval is None:
        # All that is known of the recall is that it is at least 0.
        sentence = f"Class {name!r} has no record in test, so nothing is known of its recall."
        return GateCondition(
            check="recall_lower_bound",
            subject=name,
            value=0.0,
            limit=limit,
            passed=limit <= 0,
            sentence=sentence,
        )
    low, high = interval
    sentence = (
        f"Class {name!r} has recall {hits / support:.3g} ({hits} of {support}"
        + "".join(f", {number} {what}" for what, number in withheld.items() if number)
        + f"), 95 % interval {low:.3g} to {high:.3g}; the lower end must be at least {limit:.3g}."
    )
    return GateCondition(
        check="recall_lower_bound",
        subject=name,
        value=low,
        limit=limit,
        passed=low >= limit,
        sentence=sentence,
    )


def _better_than_majority(labels: np.ndarray, candidate: Answers) -> GateCondition:
    probabilities = candidate.probabilities
    commonest = np.full(len(labels), np.bincount(labels, minlength=probabilities.shape[1]).argmax())
    value, limit = (_value(_MACRO_F1, labels, one) for one in (candidate, Answers(commonest, probabilities)))
    sentence = f"Macro-F1 is {value:.3g}; always deciding for the commonest class reaches {limit:.3g}, which it must beat."
    return GateCondition(
        check="better_than_majority",
        subject="",
        value=value,
        limit=limit,
        passed=value > limit,
        sentence=sentence,
    )


def _against_baseline(
    classes: Sequence[str], labels: np.ndarray, candidate: Answers, baseline: Answers, limits: Limits
) -> list[GateCondition]:
    recalls = (
        _recall_drop(name, paired_recall(labels, baseline.decisions, candidate.decisions, index), limits)
        for index, name in enumerate(classes)
    )
    return [*recalls, *(_figure_drop(figure, labels, candidate, baseline, limits) for figure in _FIGURES)]


def _recall_drop(name: str, recall: PairedRecall, limits: Limits) -> GateCondition:
    if recall.support == 0:
        sentence = f"Class {name!r} has no record in test to compare its recall on."
        return GateCondition(
            check="recall_drop",
            subject=name,
            value=0.0,
            limit=limits.max_drop,
            passed=True,
            sentence=sentence,
        )
    beyond = recall.drop > limits.max_drop
    passed = not (beyond and recall.chance_of_loss < 1 - limits.drop_confidence)
    sentence = _recall_change(name, recall) + (_allowance(recall, limits, passed) if beyond else "")
    return GateCondition(
        check="recall_drop",
        subject=name,
        value=recall.drop,
        limit=limits.max_drop,
        passed=passed,
        sentence=sentence,
    )


def _recall_change(name: str, recall: PairedRecall) -> str:
    before, now = (
        f"{right.mean():.3g} ({right.sum()} of {recall.support})" for right in (recall.before, recall.now)
    )
    verb = "fell" if recall.drop > 0 else "went"
    return (
        f"Class {name!r}: recall {verb} from {before} with the last blessed model to {now}: {recall.lost} records "
        f"lost, {recall.gained} gained."
    )


def _allowance(recall: PairedRecall, limits: Limits, passed: bool) -> str:
    chance = f"{recall.chance_of_loss:.2g}"
    return f" At most {limits.max_drop:.3g} is allowed" + (
        f", but so much comes about by chance with probability {chance}, so it is let pass."
        if passed
        else f"; as likely as {chance} by chance alone."
    )


def _figure_drop(
    figure: _Figure, labels: np.ndarray, candidate: Answers, baseline: Answers, limits: Limits
) -> GateCondition:
    """Judges a drop of one figure, by how many resamples that keep the classes' sizes show none."""
    value = figure.drop(labels, baseline, candidate)
    passed, let_pass = value <= limits.max_drop, ""
    if not passed and limits.drop_confidence > 0:
        share = _share_without_drop(figure, labels, candidate, baseline)
        passed = share >= 1 - limits.drop_confidence
        let_pass = f", but {share:.0%} of resamples show no drop, so it is let pass" if passed else ""
    before, now = (f"{_value(figure.metric, labels, answers):.3g}" for answers in (baseline, candidate))
    sentence = f"{figure.subject} {figure.verb} from {before} with the last blessed model to {now}"
    if value <= 0:
        sentence = f"{figure.subject} is {now}, {before} with the last blessed model"
    if value > limits.max_drop:
        sentence += f"; at most {limits.max_drop:.3g} is allowed{let_pass}"
    return GateCondition(
        check=figure.check,
        subject="",
        value=value,
        limit=limits.max_drop,
        passed=passed,
        sentence=f"{sentence}.",
    )


def _share_without_drop(figure: _Figure, labels: np.ndarray, candidate: Answers, baseline: Answers) -> float:
    def drop(rows: np.ndarray) -> float:
        before, now = (
            Answers(answers.decisions[rows], answers.probabilities[rows]) for answers in (baseline, candidate)
        )
        return figure.drop(labels[rows], before, now)

    drops = np.array([drop(rows) for rows in stratified_resamples(labels, _RESAMPLES, seed=0)])
    return float(np.mean(drops <= 0))


def _value(metric: SummaryMetric, labels: np.ndarray, answers: Answers) -> float:
    return metric.resampled(LabelledPredictions(labels, answers.probabilities, answers.decisions))
