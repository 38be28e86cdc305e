"""Draws the training, epoch by epoch."""

from collections.abc import Sequence

from components.html_report.charts.line_chart import LineChart, Tick, line_chart
from components.html_report.number_format import is_number
from core.documents.history import Epoch
from core.documents.training import Training

RAREST_SHOWN = 3


def training_charts(history: Sequence[Epoch], training: Training) -> list[LineChart]:
    """Draws macro-F1, loss, the recall of the rarest classes and the learning rate.

    Args:
        history: Figures of each epoch.
        training: What was trained.

    Returns:
        The charts there are figures for; a learning rate that never changes needs none.
    """
    epochs = [_number(row) for row in history]
    best, stages = training.best_epoch, stage_starts(history)

    def series(metric: str) -> dict[str, list[float | None]]:
        return {
            "Train": _figures(history, metric),
            "Eval": _figures(history, f"val_{metric}"),
        }

    rates = _figures(history, "learning_rate")
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


def constant_rate(history: Sequence[Epoch]) -> float | None:
    """Returns the learning rate if all epochs share one, else None."""
    rates = set(_figures(history, "learning_rate"))
    rate = next(iter(rates)) if len(rates) == 1 else None
    return rate if is_number(rate) else None


def history_columns(history: Sequence[Epoch]) -> list[str]:
    """Returns the names of the figures to tabulate: all but the classes' recalls, of which there may be hundreds."""
    names = dict.fromkeys(key for row in history for key in row)
    return [name for name in names if not name.removeprefix("val_").startswith("recall_")]


def stage_starts(history: Sequence[Epoch]) -> list[Tick]:
    """Returns the epoch each stage begins with and its name, where there are several."""
    starts = [
        Tick(_number(row), str(row["stage"]).replace("_", " "))
        for before, row in zip([{}, *history], history, strict=False)
        if "stage" in row and row["stage"] != before.get("stage")
    ]
    return starts if len(starts) > 1 else []


def _recalls(history: Sequence[Epoch], training: Training) -> dict[str, list[float | None]]:
    counts = training.class_counts
    rarest = sorted(range(len(counts)), key=lambda index: (counts[index], index))[:RAREST_SHOWN]
    return {training.classes[index]: _figures(history, f"val_recall_{index}") for index in rarest}


def _figures(history: Sequence[Epoch], name: str) -> list[float | None]:
    found = [row.get(name) for row in history]
    return [None if isinstance(value, str) else value for value in found]


def _number(epoch: Epoch) -> int:
    number = epoch["epoch"]
    assert isinstance(number, int)
    return number
