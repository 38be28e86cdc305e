"""Charts of the training, epoch by epoch."""

from typing import Any

from components.html_report.charts.line_chart import LineChart, Tick, line_chart
from components.html_report.number_format import is_number

RAREST_SHOWN = 3


def training_charts(history: list[dict[str, Any]], training: dict[str, Any]) -> list[LineChart]:
    """Draws macro-F1, loss, the recall of the rarest classes and the learning rate.

    Args:
        history: One dict of numbers for each epoch, with its `epoch` and, where there are several, its `stage`.
        training: `best_epoch`, and for the recalls `classes` and `class_counts`.

    Returns:
        The charts there are figures for; a learning rate that never changes needs none.
    """
    epochs = [row["epoch"] for row in history]
    best, stages = training["best_epoch"], stage_starts(history)

    def series(metric: str) -> dict[str, list[float | None]]:
        return {
            "Train": [row.get(metric) for row in history],
            "Eval": [row.get(f"val_{metric}") for row in history],
        }

    rates = [row.get("learning_rate") for row in history]
    charts = [
        line_chart("Macro-F1", epochs, series("macro_f1"), best, ceiling=1.0, stages=stages),
        line_chart("Loss", epochs, series("loss"), best, stages=stages),
        line_chart(
            "Recall of the rarest classes on eval",
            epochs,
            _recalls(history, training),
            best,
            ceiling=1.0,
            stages=stages,
        ),
        line_chart("Learning rate", epochs, {"Learning rate": rates}, best, stages=stages)
        if constant_rate(history) is None
        else None,
    ]
    return [chart for chart in charts if chart is not None]


def constant_rate(history: list[dict[str, Any]]) -> float | None:
    """Returns the learning rate if all epochs share one, else None."""
    rates = {row.get("learning_rate") for row in history}
    rate = next(iter(rates)) if len(rates) == 1 else None
    return rate if is_number(rate) else None


def history_columns(history: list[dict[str, Any]]) -> list[str]:
    """Returns the names of the figures to tabulate: all but the classes' recalls, of which there may be hundreds."""
    names = dict.fromkeys(key for row in history for key in row)
    return [name for name in names if not name.removeprefix("val_").startswith("recall_")]


def stage_starts(history: list[dict[str, Any]]) -> list[Tick]:
    """Returns the epoch each stage begins with and its name, where there are several."""
    starts = [
        Tick(row["epoch"], str(row["stage"]).replace("_", " "))
        for before, row in zip([{}, *history], history, strict=False)
        if "stage" in row and row["stage"] != before.get("stage")
    ]
    return starts if len(starts) > 1 else []


def _recalls(history: list[dict[str, Any]], training: dict[str, Any]) -> dict[str, list[float | None]]:
    counts = training.get("class_counts", [])
    rarest = sorted(range(len(counts)), key=lambda index: (counts[index], index))[:RAREST_SHOWN]
    return {
        training["classes"][index]: [row.get(f"val_recall_{index}") for row in history] for index in rarest
    }
