"""Section on the strategies for imbalanced data: what each was worth as one change to plain cross entropy."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from components.html_report.number_format import count, counted, is_number, score, significant
from components.html_report.report_inputs import ReportInputs
from core.documents.strategies import FigureDifference, GreedyStep, NotTried, Strategies, TriedStrategy

_FIGURES = {
    "macro_f1": "Macro-F1",
    "balanced_accuracy": "Balanced accuracy",
    "average_precision": "Average precision of",
    "worst_recall": "Worst recall",
    "many": "Recall, many",
    "medium": "Recall, medium",
    "few": "Recall, few",
}


@dataclass(frozen=True)
class StrategyLine:
    """A strategy, or several together, in words.

    Attributes:
        name: Its name.
        family: What it changes.
        verdict: What follows.
        is_chosen: Whether the model was trained with it alone, or with all of them.
        values: Difference and interval of each figure; of plain cross entropy the figure itself.
        seeds: Trainings.
        seconds: Time of one.
        parameters: Numbers in the network.
        failed: Why trainings failed.
    """

    name: str
    family: str
    verdict: str
    is_chosen: bool
    values: list[tuple[str, str]]
    seeds: str
    seconds: str
    parameters: str
    failed: str


@dataclass(frozen=True)
class StrategiesView:
    """What the section shows.

    Attributes:
        heads: Names of the figures.
        plain: Plain cross entropy.
        singles: Each strategy, those that pay first.
        together: Several at once.
        steps: What was added to what, in sentences.
        chosen: What the model was trained with.
        judged_by: Whose answers were judged.
        looked_at: Number of strategies.
        groups: What many, medium and few are here, a sentence each.
        out_of_time: Strategies for which there was no time.
        does_not_fit: Those that do not fit.
        counts: Sentence with the number of each word.
        told_apart: Sentences on what so many records can tell apart; none where nothing is known of it.
    """

    heads: list[str]
    plain: StrategyLine
    singles: list[StrategyLine]
    together: list[StrategyLine]
    steps: list[str]
    chosen: str
    judged_by: str
    looked_at: int
    groups: list[str]
    out_of_time: Sequence[NotTried]
    does_not_fit: Sequence[NotTried]
    counts: str
    told_apart: str


# Records of a class; with as many, a recall has an interval of some 0.35.
_FEW = 30
_RANK = {"pays": 0, "cannot be told": 1, "hurts": 2, None: 3}


def strategies(inputs: ReportInputs) -> StrategiesView | None:
    """Returns what each strategy was worth; None where they were not compared."""
    found = inputs.strategies
    if found is None:
        return None
    names = [name for name in _FIGURES if name in found.plain.figures]
    heads = [
        f"{_FIGURES[name]} {found.rarest}" if name == "average_precision" else _FIGURES[name]
        for name in names
    ]
    ranked = sorted(found.singles, key=lambda one: (_RANK[one.verdict], -_value(one)))
    return StrategiesView(
        heads=heads,
        plain=_line(found.plain, names, found.chosen),
        singles=[_line(one, names, found.chosen) for one in ranked],
        together=[_line(one, names, found.chosen) for one in found.together],
        steps=[_step(step) for step in found.steps],
        chosen=strategy_title(found.chosen),
        judged_by=_judged_by(found),
        looked_at=found.looked_at,
        groups=[f"{name}: {', '.join(classes)}" for name, classes in found.groups.items()],
        out_of_time=found.out_of_time,
        does_not_fit=found.does_not_fit,
        counts=verdict_counts(found),
        told_apart=told_apart(found),
    )


def verdict_counts(found: Strategies) -> str:
    """Says how many strategies pay, hurt, or neither, and how many were not tried: found = tried + not tried."""
    verdicts = [one.verdict for one in found.singles]
    parts = [
        f"{verdicts.count('pays')} pay",
        f"{verdicts.count('hurts')} hurt",
        f"of {verdicts.count('cannot be told')} it cannot be told",
        f"{verdicts.count(None)} failed",
        f"for {len(found.out_of_time)} there was no time",
        f"{len(found.does_not_fit)} do not fit",
    ]
    total = len(found.singles) + len(found.out_of_time) + len(found.does_not_fit)
    return f"Of {total} strategies {', '.join(parts[:-1])}, and {parts[-1]}."


def told_apart(found: Strategies) -> str:
    """Says how large a difference has to be for so many records and seeds to show it, and what would show more."""
    intervals = [one.differences["macro_f1"] for one in found.singles if "macro_f1" in one.differences]
    widths = [one.high - one.low for one in intervals if one.low is not None and one.high is not None]
    if not widths or not found.per_class:
        return ""
    name, fewest = min(found.per_class.items(), key=lambda item: item[1])
    sentence = (
        f"{counted(found.records, 'record')} judge, {count(fewest)} of the class {name}: differences in macro-F1 of less "
        f"than about {score(statistics.median(widths) / 2)} cannot be told by them."
    )
    if found.judged_by == "eval" and fewest < _FEW:
        sentence += " With training.folds: 5 all records of train and eval judge, each out of fold."
    return sentence


def strategy_title(names: Sequence[str]) -> str:
    """Names strategies that go into a training together."""
    return " + ".join(name.replace("_", " ") for name in names) or "plain cross entropy"


def signed_interval(difference: FigureDifference) -> tuple[str, str]:
    """Writes a difference with its sign, and its interval."""
    if not is_number(difference.low) or not is_number(difference.high):
        return _signed(difference.value), ""
    return _signed(difference.value), f"{_signed(difference.low)} to {_signed(difference.high)}"


def _judged_by(found: Strategies) -> str:
    where = "of eval" if found.judged_by == "eval" else "of train and eval, out of fold"
    trained = "" if found.folds is None else f", {found.folds} folds of them to keep to the time given"
    return f"{counted(found.records, 'record')} {where}{trained}"


def _value(one: TriedStrategy) -> float:
    difference = one.differences.get("macro_f1")
    return difference.value or 0.0 if difference else 0.0


def _line(one: TriedStrategy, names: list[str], chosen: tuple[str, ...]) -> StrategyLine:
    return StrategyLine(
        name=strategy_title(one.names),
        family=one.family,
        verdict=one.verdict or "",
        is_chosen=one.names == chosen,
        values=[_shown(one, name) for name in names],
        seeds=count(one.seeds),
        seconds=significant(one.seconds),
        parameters=count(one.parameters),
        failed=" ".join(dict.fromkeys(one.failed)),
    )


def _shown(one: TriedStrategy, name: str) -> tuple[str, str]:
    if not one.names:
        return score(one.figures.get(name)), ""
    difference = one.differences.get(name)
    return ("–", "") if difference is None else signed_interval(difference)


def _step(step: GreedyStep) -> str:
    value, interval = signed_interval(step.difference)
    stays = "stays" if step.taken else "is left out again"
    return f"{step.added.replace('_', ' ')} on top: {value} macro-F1 ({interval}), it {stays}"


def _signed(value: float | None) -> str:
    return f"{'+' if value is not None and round(value, 3) > 0 else ''}{score(value)}"
