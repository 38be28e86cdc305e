"""What a model must hold to be pushed: no class forgotten, nothing worse than the last, better than nothing."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from components.evaluation.classification_metrics import (
    confusion_margins,
    expected_calibration_error,
    wilson_interval,
)
from components.evaluation.objectives import macro_f1

_RESAMPLES = 200


@dataclass(frozen=True)
class Answers:
    """What a model says of the test records.

    Attributes:
        decisions: Class indices, int `(n,)`; -1 for a class that the other model does not know.
        probabilities: Float `(n, classes)`.
    """

    decisions: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Limits:
    """The gate's settings.

    Attributes:
        min_recall_lower_bound: Least lower end of every class's 95 % recall interval.
        max_drop: Most that a recall, macro-F1 or the calibration may be worse than the last blessed model's.
        drop_confidence: How sure it must be, in [0, 1), that a drop is not by chance.
    """

    min_recall_lower_bound: float = 0.0
    max_drop: float = 0.02
    drop_confidence: float = 0.8


@dataclass(frozen=True)
class Condition:
    """One thing a model must hold.

    Attributes:
        check: recall_lower_bound, recall_drop, macro_f1_drop, calibration_drop or better_than_majority.
        subject: The class it is about; empty for all of them.
        value: What was measured.
        limit: What it was measured against.
        passed: Whether it holds.
        sentence: The same for people.
    """

    check: str
    subject: str
    value: float
    limit: float
    passed: bool
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def promotion_conditions(
    classes: Sequence[str],
    labels: np.ndarray,
    candidate: Answers,
    baseline: Answers | None,
    limits: Limits,
) -> list[Condition]:
    """Judges a model on the test records, beside the last blessed one on the same records.

    Every class's recall has a lower bound; macro-F1 is above that of always deciding for the commonest
    class; and no class's recall, nor macro-F1, nor the calibration error is worse than the last blessed
    model's by more than `max_drop`. As one record of a class of ten is a tenth of its recall, a drop
    counts once it is also unlikely to be chance: for a recall, by the sign test over the records that only one
    of the models got right; for the other two, by the share of bootstrap resamples that show no drop.

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
        _recall_bound(name, labels == index, candidate.decisions == index, limits)
        for index, name in enumerate(classes)
    ]
    conditions.append(_better_than_majority(labels, candidate, len(classes)))
    if baseline is not None:
        for index, name in enumerate(classes):
            mine = labels == index
            conditions.append(
                _recall_drop(
                    name, candidate.decisions[mine] == index, baseline.decisions[mine] == index, limits
                )
            )
        conditions.append(_macro_f1_drop(labels, candidate, baseline, len(classes), limits))
        conditions.append(_calibration_drop(labels, candidate, baseline, limits))
    return conditions


def _recall_bound(name: str, mine: np.ndarray, decided: np.ndarray, limits: Limits) -> Condition:
    hits, support = int((mine & decided).sum()), int(mine.sum())
    interval = wilson_interval(hits, support)
    limit = limits.min_recall_lower_bound
    if interval is None:
        # All that is known of the recall is that it is at least 0.
        sentence = f"Class {name!r} has no record in test, so nothing is known of its recall."
        return Condition("recall_lower_bound", name, 0.0, limit, limit <= 0, sentence)
    low, high = interval
    sentence = (
        f"Class {name!r} has recall {hits / support:.3g} ({hits} of {support}), 95 % interval {low:.3g} to "
        f"{high:.3g}; the lower end must be at least {limit:.3g}."
    )
    return Condition("recall_lower_bound", name, low, limit, low >= limit, sentence)


def _better_than_majority(labels: np.ndarray, candidate: Answers, num_classes: int) -> Condition:
    commonest = np.full(len(labels), np.bincount(labels, minlength=num_classes).argmax())
    value, limit = (
        _macro_f1(labels, decisions, num_classes) for decisions in (candidate.decisions, commonest)
    )
    sentence = f"Macro-F1 is {value:.3g}; always deciding for the commonest class reaches {limit:.3g}, which it must beat."
    return Condition("better_than_majority", "", value, limit, value > limit, sentence)


def _recall_drop(name: str, now: np.ndarray, before: np.ndarray, limits: Limits) -> Condition:
    """Compares the models on the records of one class; `now` and `before` say which were right, `(support,)`."""
    if len(now) == 0:
        sentence = f"Class {name!r} has no record in test to compare its recall on."
        return Condition("recall_drop", name, 0.0, limits.max_drop, True, sentence)
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    drop = float(before.mean() - now.mean())
    # Were nothing worse, each of these records would be as likely lost as gained.
    chance = float(binom.sf(lost - 1, lost + gained, 0.5)) if lost else 1.0
    beyond = drop > limits.max_drop
    passed = not (beyond and chance < 1 - limits.drop_confidence)
    verb = "fell" if drop > 0 else "went"
    sentence = (
        f"Class {name!r}: recall {verb} from {before.mean():.3g} ({before.sum()} of {len(before)}) with the last "
        f"blessed model to {now.mean():.3g} ({now.sum()} of {len(now)}): {lost} records lost, {gained} gained."
    )
    if beyond:
        sentence += f" At most {limits.max_drop:.3g} is allowed" + (
            f"; as likely as {chance:.2g} by chance alone."
            if not passed
            else f", but so much comes about by chance with probability {chance:.2g}, so it is let pass."
        )
    return Condition("recall_drop", name, drop, limits.max_drop, passed, sentence)


def _macro_f1_drop(
    labels: np.ndarray, candidate: Answers, baseline: Answers, num_classes: int, limits: Limits
) -> Condition:
    def drop(rows: np.ndarray) -> float:
        now, before = (
            _macro_f1(labels[rows], answers.decisions[rows], num_classes) for answers in (candidate, baseline)
        )
        return before - now

    now, before = (_macro_f1(labels, answers.decisions, num_classes) for answers in (candidate, baseline))
    return _worse("macro_f1_drop", "Macro-F1 fell", before, now, drop, labels, limits)


def _calibration_drop(labels: np.ndarray, candidate: Answers, baseline: Answers, limits: Limits) -> Condition:
    def drop(rows: np.ndarray) -> float:
        now, before = (
            expected_calibration_error(labels[rows], answers.probabilities[rows])
            for answers in (candidate, baseline)
        )
        return now - before

    now, before = (
        expected_calibration_error(labels, answers.probabilities) for answers in (candidate, baseline)
    )
    return _worse("calibration_drop", "The calibration error rose", before, now, drop, labels, limits)


def _worse(
    check: str,
    what: str,
    before: float,
    now: float,
    drop: Callable[[np.ndarray], float],
    labels: np.ndarray,
    limits: Limits,
) -> Condition:
    """Judges a drop of one number, by how many resamples that keep the classes' sizes show none."""
    value = abs(now - before) if (now < before) == (check == "macro_f1_drop") else -abs(now - before)
    passed = value <= limits.max_drop
    share = 0.0
    if not passed and limits.drop_confidence > 0:
        random = np.random.default_rng(0)
        of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
        drops = [
            drop(np.concatenate([random.choice(rows, len(rows)) for rows in of_class]))
            for _ in range(_RESAMPLES)
        ]
        share = float(np.mean(np.array(drops) <= 0))
        passed = share >= 1 - limits.drop_confidence
    sentence = f"{what} from {before:.3g} with the last blessed model to {now:.3g}"
    if value <= 0:
        sentence = f"{what.rsplit(' ', 1)[0]} is {now:.3g}, {before:.3g} with the last blessed model"
    if value > limits.max_drop:
        sentence += f"; at most {limits.max_drop:.3g} is allowed"
        sentence += f", but {share:.0%} of resamples show no drop, so it is let pass" if passed else ""
    return Condition(check, "", value, limits.max_drop, passed, f"{sentence}.")


def _macro_f1(labels: np.ndarray, decisions: np.ndarray, num_classes: int) -> float:
    """Returns the mean F1 of the classes that have records or were decided for."""
    return float(macro_f1(*confusion_margins(labels, decisions, num_classes)))
