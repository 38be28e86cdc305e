"""Lays out what a search found: a table for people, a document for the report."""

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trial_module

from core.documents.tuning import Trial, Tuning
from core.spreadsheet_csv import SpreadsheetWriter
from models.tuning.importance import importance
from models.tuning.measure import EPOCHS
from models.tuning.search import last_line
from models.tuning.trial_settings import plain_values


@dataclass(frozen=True)
class Row:
    """A trial.

    Attributes:
        trial: Its number, from 1.
        status: `completed` or `failed`.
        score: The objective; None where it failed.
        epochs: Epochs it trained for; None where it failed.
        seconds: Its time; None where it failed.
        hyperparameters: Settings by dotted key.
        message: Why it failed; empty where it did not.
    """

    trial: int
    status: str
    score: float | None
    epochs: int | None
    seconds: float | None
    hyperparameters: Mapping[str, Any]
    message: str = ""


def rows_of(oracle: keras_tuner.Oracle) -> list[Row]:
    """Returns the trials of a search in the order they began."""
    return [_row(number, trial) for number, trial in enumerate(oracle.trials.values(), start=1)]


def best_row(rows: list[Row], direction: str) -> Row:
    """Returns the best of the trials; of equally good ones the first, which is the one Keras Tuner takes."""
    completed = [row for row in rows if row.score is not None]
    sign = 1 if direction == "min" else -1
    return min(completed, key=lambda row: sign * (row.score or 0.0))


def as_csv(rows: list[Row]) -> str:
    """Writes one line for each trial, with a column for every setting searched over."""
    keys = list(dict.fromkeys(key for row in rows for key in row.hyperparameters))
    table = io.StringIO()
    writer = SpreadsheetWriter(table)
    writer.writerow(["trial", "status", "score", "epochs", "seconds", *keys, "message"])
    for row in rows:
        values = [_text(row.hyperparameters[key]) if key in row.hyperparameters else "" for key in keys]
        figures = [_text(row.score), _text(row.epochs), _text(row.seconds)]
        writer.writerow([row.trial, row.status, *figures, *values, row.message])
    return table.getvalue()


def as_document(oracle: keras_tuner.Oracle) -> Tuning:
    """Returns what the report shows of a search: its trials, the best one, what mattered."""
    rows, objective = rows_of(oracle), oracle.objective
    best = best_row(rows, objective.direction)
    scored = [row for row in rows if row.score is not None]
    return Tuning(
        objective=objective.name,
        direction=objective.direction,
        best_trial=best.trial,
        best_score=best.score,
        hyperparameters=dict(best.hyperparameters),
        importance=importance([row.hyperparameters for row in scored], [row.score for row in scored]),
        trials=tuple(
            Trial(
                trial=row.trial,
                status=row.status,
                score=row.score,
                epochs=row.epochs,
                seconds=row.seconds,
                message=row.message,
                hyperparameters=dict(row.hyperparameters),
            )
            for row in rows
        ),
    )


def _row(number: int, trial: trial_module.Trial) -> Row:
    completed = trial.status == trial_module.TrialStatus.COMPLETED

    def figure(name: str) -> float | None:
        return float(trial.metrics.get_last_value(name)) if trial.metrics.exists(name) else None

    epochs, seconds = figure(EPOCHS), figure("seconds")
    return Row(
        trial=number,
        status="completed" if completed else "failed",
        score=float(trial.score) if completed and math.isfinite(trial.score) else None,
        epochs=None if epochs is None else int(epochs),
        seconds=None if seconds is None else round(seconds, 2),
        hyperparameters=plain_values(trial.hyperparameters.values),
        message="" if completed else last_line(trial.message),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return (
        f"{value:.6g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    )
