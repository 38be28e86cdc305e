"""Headline numbers of a result: of its rarest classes, its worst recall, and all classes together."""

from dataclasses import dataclass

from components.html_report.number_format import count, interval, percent
from core.documents.metrics import Metrics


@dataclass(frozen=True)
class Headline:
    """One number a reader sees first.

    Attributes:
        title: What is measured.
        value: The score, or None where it could not be measured.
        note: One plain sentence or phrase that says how to read it.
    """

    title: str
    value: float | None
    note: str


def rarest_first(metrics: Metrics) -> list[str]:
    """Lists the class names by their number of test records, then by their share of train, then by name."""
    per_class, prior = metrics.per_class, metrics.priors.natural
    return sorted(per_class, key=lambda name: (per_class[name].support, prior.get(name, 0), name))


def lowest_recall(metrics: Metrics) -> list[str]:
    """Lists the classes that share the lowest recall, rarest first; empty where no recall was measured."""
    recalls = {name: metrics.per_class[name].recall for name in rarest_first(metrics)}
    measured = {name: recall for name, recall in recalls.items() if recall is not None}
    return [name for name, recall in measured.items() if recall == min(measured.values())]


def headlines(metrics: Metrics) -> list[Headline]:
    """Chooses the headline numbers, most important first.

    Macro-F1, balanced accuracy and the worst recall; for two classes the average precision of the rarer
    one comes before them, since it alone says how well the rare records are ranked.
    """
    summary, per_class = metrics.summary, metrics.per_class
    chosen = [
        Headline("Macro-F1", summary.macro_f1, "Every class counts the same, however rare."),
        Headline("Balanced accuracy", summary.balanced_accuracy, "The mean of the classes’ recalls."),
        Headline("Worst recall", summary.worst_recall, _worst_recall_note(metrics)),
    ]
    if len(per_class) == 2:
        rarer = rarest_first(metrics)[0]
        chance = percent(per_class[rarer].support, metrics.n)
        note = (
            f"How well records of {rarer} rank above the rest. Guessing scores about their share, {chance}."
        )
        chosen.insert(0, Headline(f"Average precision of {rarer}", per_class[rarer].average_precision, note))
    return chosen


def _worst_recall_note(metrics: Metrics) -> str:
    worst = lowest_recall(metrics)
    if not worst:
        return "No class has test records."
    if len(worst) > 1:
        return f"Shared by {worst[0]} and {len(worst) - 1} more."
    figures = metrics.per_class[worst[0]]
    records = count(figures.support)
    return f"{worst[0]}, {records} test records. 95 % interval {interval(figures.recall_interval)}."
