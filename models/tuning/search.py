"""Search: Keras Tuner's loop around trials that are trained as the Trainer trains."""

import os
import time
import traceback
from collections.abc import Callable
from typing import Any

import keras_tuner
from keras_tuner.engine import base_tuner
from keras_tuner.engine import trial as trial_module
from tfx.dsl.io import fileio

from models.tuning.chief import is_worker, run_as_chief, runs_in_parallel
from models.tuning.trial_settings import Values

_SECONDS_BETWEEN_QUESTIONS = 0.5
ERROR_FILE = "error.txt"


class NoTrialSucceededError(RuntimeError):
    """Reports that a search has no result, as every trial failed."""


class Search(base_tuner.BaseTuner):
    """Runs trials one after another, or, as chief, in several processes.

    All that a search has done stands in its folder. Made again on the same folder, it goes on: finished
    trials are not run again, and what was running when it was killed is run once more.

    Args:
        oracle: What proposes the trials.
        measure: Trains with the values of a trial, by Keras Tuner's names, and returns figures by name; the
            objective is among them. Also gets the trial's folder, to keep things there.
        directory: Folder of the search.
        parallel: Number of processes.
        worker_command: Command that runs a worker of this search.
    """

    def __init__(
        self,
        oracle: keras_tuner.Oracle,
        measure: Callable[[Values, str], dict[str, float]],
        directory: str,
        parallel: int = 1,
        worker_command: list[str] | None = None,
    ):
        self._measure = measure
        self._parallel = parallel
        self._worker_command = worker_command or []
        self._asked_in_vain = False
        parent, name = os.path.split(directory.rstrip("/"))
        super().__init__(oracle, directory=parent, project_name=name)

    def search(self, *fit_args: Any, **fit_kwargs: Any) -> None:
        """Runs trials until the budget is spent.

        Raises:
            NoTrialSucceededError: All trials failed; it names the first one's reason.
        """
        if is_worker():
            super().search(*fit_args, **fit_kwargs)
            return
        try:
            if self._parallel > 1 or runs_in_parallel():
                run_as_chief(self.oracle, self._worker_command, self._parallel, self.project_dir)
                self.save()
            else:
                super().search(*fit_args, **fit_kwargs)
        except KeyboardInterrupt:
            self.oracle.excuse()
            raise
        trials = list(self.oracle.trials.values())
        if not any(trial.status == trial_module.TrialStatus.COMPLETED for trial in trials):
            raise NoTrialSucceededError(
                f"All {len(trials)} trials of the search failed. The first one, with the experiment's own "
                f"settings, said: {last_line(trials[0].message)} Mend that, or search over other values."
            )

    def run_trial(self, trial: trial_module.Trial, *fit_args: Any, **fit_kwargs: Any) -> dict[str, float]:
        start = time.monotonic()
        try:
            figures = self._measure(dict(trial.hyperparameters.values), self.get_trial_dir(trial.trial_id))
            objective = self.oracle.objective.name
            if objective not in figures:
                raise ValueError(
                    f"The trial has no {objective}. Measured: {', '.join(sorted(figures))}. Set "
                    "`tuner.objective` to one of them."
                )
        except Exception:
            # Keras Tuner's protocol carries no message from a worker to the chief.
            with fileio.open(os.path.join(self.get_trial_dir(trial.trial_id), ERROR_FILE), "w") as handle:
                handle.write(traceback.format_exc())
            raise
        return {**figures, "seconds": time.monotonic() - start}

    def pre_create_trial(self) -> None:
        if self._asked_in_vain:
            time.sleep(_SECONDS_BETWEEN_QUESTIONS)
        self._asked_in_vain = True

    def on_trial_begin(self, trial: trial_module.Trial) -> None:
        self._asked_in_vain = False

    def _get_tuner_fname(self) -> str:
        # The oracle's file is the whole state: whether a search is there does not depend on who ran it.
        return os.path.join(self.project_dir, "oracle.json")

    def save(self) -> None:
        if not is_worker():
            self.oracle.save()

    def reload(self) -> None:
        if not is_worker():
            self.oracle.reload()


def last_line(message: str | None) -> str:
    """Returns what a traceback ends with."""
    lines = (message or "").strip().splitlines()
    return lines[-1] if lines else "nothing."
