"""The scores of each class, and of all together, in rows."""

from typing import Any

from components.html_report import number_format
from components.html_report.sections.headline import lowest_recall, rarest_first

# Name and plain meaning of each overall score.
SCORES = {
    "macro_f1": ("Macro-F1", "The mean of the classes’ F1. Every class counts the same, however rare."),
    "balanced_accuracy": ("Balanced accuracy", "The mean of the classes’ recalls."),
    "worst_recall": ("Worst recall", "The recall of the class that is found least often."),
    "g_mean": ("G-mean", "The geometric mean of the recalls: 0 as soon as one class is never found."),
    "mcc": ("Matthews correlation", "1 is perfect, 0 is no better than chance, −1 is always wrong."),
    "macro_average_precision": (
        "Macro average precision",
        "How well the records of a class rank above all others, as a mean over the classes.",
    ),
    "macro_roc_auc": (
        "Macro ROC-AUC",
        "The chance that a record of a class scores higher than one of another class; 0.5 is guessing.",
    ),
    "accuracy": ("Accuracy", "The share of all records put in the right class. The large classes decide it."),
    "brier": ("Brier score", "The squared error of the probabilities. Lower is better; 0 is perfect."),
    "ece": (
        "Calibration error",
        "How far the stated probabilities lie from how often they come true. Lower is better.",
    ),
}


def class_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a row for each class, rarest first, with its recall's interval in per cent of the scale."""
    names, worst = rarest_first(metrics), lowest_recall(metrics)
    rows = []
    for name in names:
        scores = metrics["per_class"][name]
        bounds = scores["recall_interval"]
        drawn = (
            number_format.is_number(scores["recall"])
            and number_format.interval(bounds) != number_format.MISSING
        )
        rows.append(
            {
                "name": name,
                **scores,
                # Where all are equal no class stands out, and a mark on each says nothing.
                "is_worst": name in worst and len(worst) < len(names),
                "bar": None
                if not drawn
                else {
                    "from": round(100 * bounds[0], 2),
                    "width": round(100 * (bounds[1] - bounds[0]), 2),
                    "at": round(100 * scores["recall"], 2),
                },
            }
        )
    return rows


def score_rows(summary: dict[str, float | None]) -> list[tuple[str, float | None, str]]:
    known = [(*SCORES[key], summary[key]) for key in SCORES if key in summary]
    unknown = [(key, "", value) for key, value in summary.items() if key not in SCORES]
    return [(name, value, meaning) for name, meaning, value in known + unknown]
