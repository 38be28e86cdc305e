"""Reports how far a search is."""

import os

from keras_tuner.engine import trial as trial_module
from tfx.dsl.io import fileio

from core.progress_events import report_progress
from models.tuning.search import ERROR_FILE, last_line
from models.tuning.trial_settings import plain_values


class TrialProgress:
    """Reports the trials of a search as they begin and end, with the best so far.

    Args:
        objective: Figure that ranks the trials; smaller is better where it ends with "loss".
        max_trials: Most trials.
        directory: Folder of the search.
    """

    def __init__(self, objective: str, max_trials: int, directory: str):
        self._objective = objective
        self._max_trials = max_trials
        self._directory = directory
        self._best: float | None = None
        self._best_trial: int | None = None

    def begin(self, trial: trial_module.Trial) -> None:
        self._report(trial, "running", None, 0.0)

    def end(self, trial: trial_module.Trial, seconds: float) -> None:
        if trial.status != trial_module.TrialStatus.COMPLETED:
            trial.message = trial.message or self._message(trial)
            self._report(trial, "failed", None, seconds, last_line(trial.message))
            return
        self.take_in(trial)
        self._report(trial, "completed", float(trial.score), seconds)

    def take_in(self, trial: trial_module.Trial) -> None:
        """Reckons with a trial that ended before this process began, or just now."""
        if trial.status != trial_module.TrialStatus.COMPLETED:
            return
        sign = -1 if self._objective.endswith("loss") else 1
        if self._best is None or sign * trial.score > sign * self._best:
            self._best, self._best_trial = float(trial.score), _number(trial)

    def _message(self, trial: trial_module.Trial) -> str | None:
        path = os.path.join(self._directory, f"trial_{trial.trial_id}", ERROR_FILE)
        if not fileio.exists(path):
            return None
        with fileio.open(path) as handle:
            return str(handle.read())

    def _report(
        self, trial: trial_module.Trial, state: str, score: float | None, seconds: float, message: str = ""
    ) -> None:
        report_progress(
            kind="trial",
            trial=_number(trial),
            trials=self._max_trials,
            state=state,
            settings=plain_values(trial.hyperparameters.values),
            objective=self._objective,
            score=score,
            best=self._best,
            best_trial=self._best_trial,
            seconds=seconds,
            message=message,
        )


def _number(trial: trial_module.Trial) -> int:
    # Keras Tuner counts from 0.
    return int(trial.trial_id) + 1
