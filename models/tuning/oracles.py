"""Keras Tuner's oracles, which begin with the experiment's own settings and propose valid ones alone."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner import oracles
from keras_tuner.engine import trial as trial_module
from tfx.dsl.io import fileio

from models.settings import TunerSettings
from models.tuning.brackets import FACTOR, bracket_sizes
from models.tuning.trial_settings import Values, plain_values

TrialStatus = trial_module.TrialStatus
# After so many proposals in vain the space counts as exhausted.
_MOST_PROPOSALS = 500
# A trial in which the process was killed so often is the likely reason, by taking all memory.
_MOST_KILLS = 2
_STARTS_FILE = "starts.txt"


@dataclass(frozen=True)
class Rules:
    """What a search keeps to, whatever proposes its trials.

    Attributes:
        admits: Tells whether settings, by dotted key, go together.
        max_minutes: Minutes after which no further trial begins; None is no limit.
        on_begin: Called with a trial that begins.
        on_end: Called with a trial that has ended, and the seconds it took.
    """

    admits: Callable[[Mapping[str, Any]], bool] = lambda values: True
    max_minutes: float | None = None
    on_begin: Callable[[trial_module.Trial], None] = lambda trial: None
    on_end: Callable[[trial_module.Trial, float], None] = lambda trial, seconds: None


class SteadyOracle(keras_tuner.Oracle):
    """What all oracles here have in common, on top of one of Keras Tuner's.

    - The first trial has the defaults of the space.
    - What is proposed depends on seed and trials alone, and settings that do not go together never are.
    - A trial that fails is recorded and the search goes on; one in which the process was killed is run again
      once.
    - The state on disk is whole at any instant: a search that was killed goes on from there, without
      running a finished trial again.
    """

    trials: dict[str, trial_module.Trial]
    _retry_queue: list[str]
    end_order: list[str]

    def __init__(self, rules: Rules, **kwargs: Any):
        # Keras Tuner would draw a seed in place of 0, and give up after three failures in a row.
        super().__init__(**{**kwargs, "seed": kwargs["seed"] + 1, "max_consecutive_failed_trials": -1})
        self.rules = rules
        self.verbose = 0
        self._deadline = None if rules.max_minutes is None else time.monotonic() + 60 * rules.max_minutes
        self._began: dict[str, float] = {}

    @keras_tuner.synchronized
    def create_trial(self, tuner_id: str) -> trial_module.Trial:
        out_of_time = self._deadline is not None and time.monotonic() > self._deadline
        if out_of_time and self.trials and tuner_id not in self.ongoing_trials:
            self.tuner_ids.discard(tuner_id)
            return trial_module.Trial(self.get_space(), "", TrialStatus.STOPPED)
        trial = super().create_trial(tuner_id)
        if trial.status == TrialStatus.RUNNING:
            self._began[trial.trial_id] = time.monotonic()
            self._set_starts(trial.trial_id, self._starts(trial.trial_id) + 1)
            self.rules.on_begin(trial)
        return trial

    def excuse(self) -> None:
        """Lets the trials that run now not be blamed for the end of the process: somebody stopped it."""
        for trial in self.ongoing_trials.values():
            self._set_starts(trial.trial_id, self._starts(trial.trial_id) - 1)

    @keras_tuner.synchronized
    def end_trial(self, trial: trial_module.Trial) -> None:
        super().end_trial(trial)
        began = self._began.pop(trial.trial_id, time.monotonic())
        self.rules.on_end(self.trials[trial.trial_id], time.monotonic() - began)

    def first_values(self) -> Values:
        """Returns the defaults of the space."""
        space = self.get_space()
        return {one.name: one.default for one in space.space if space.is_active(one)}

    def admits(self, values: Values) -> bool:
        return self.rules.admits(plain_values(values))

    def _random_values(self) -> Values | None:
        if not self.trials:
            return self.first_values()
        for _ in range(_MOST_PROPOSALS):
            values = super()._random_values()
            if values is None or self.admits(values):
                return values
        return None

    def save(self) -> None:
        _write_whole(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial: trial_module.Trial) -> None:
        _write_whole(f"{self._get_trial_dir(trial.trial_id)}/trial.json", trial.get_state())

    def reload(self) -> None:
        super().reload()
        # What was killed between two writes: a trial nobody was told of, and one that was just done.
        self.trials = {name: self.trials[name] for name in self.start_order}
        self._retry_queue = [name for name in self._retry_queue if name not in self.end_order]
        for name in [name for name in self._retry_queue if self._starts(name) >= _MOST_KILLS]:
            self._give_up(self.trials[name])

    def _give_up(self, trial: trial_module.Trial) -> None:
        trial.status = TrialStatus.FAILED
        trial.message = f"The process was killed {self._starts(trial.trial_id)} times in this trial, by lack of memory perhaps."
        self._retry_queue.remove(trial.trial_id)
        self._run_times[trial.trial_id] += 1
        self.end_order.append(trial.trial_id)
        self._save_trial(trial)
        self.save()

    def _starts(self, trial_id: str) -> int:
        path = f"{self._get_trial_dir(trial_id)}/{_STARTS_FILE}"
        if not fileio.exists(path):
            return 0
        with fileio.open(path) as handle:
            return int(handle.read())

    def _set_starts(self, trial_id: str, starts: int) -> None:
        _write_whole(f"{self._get_trial_dir(trial_id)}/{_STARTS_FILE}", starts)


class RandomOracle(SteadyOracle, oracles.RandomSearchOracle):
    """Draws every trial from the whole space."""


class BayesianOracle(SteadyOracle, oracles.BayesianOptimizationOracle):
    """Proposes what a Gaussian process over the trials so far expects most of."""

    def __init__(self, rules: Rules, max_trials: int, **kwargs: Any):
        # By default three random trials for each dimension come first, which may be all there are.
        super().__init__(rules, max_trials=max_trials, num_initial_points=max(3, max_trials // 3), **kwargs)

    def populate_space(self, trial_id: str) -> Values:
        # Its state is not saved with the others.
        self._random_state = np.random.RandomState(self.seed + len(self.trials))
        proposal = super().populate_space(trial_id)
        values = proposal["values"]
        if values is not None and (self._duplicate(values) or not self.admits(values)):
            return self._random_populate_space()
        return proposal


class GridOracle(SteadyOracle, oracles.GridSearchOracle):
    """Goes through all combinations in turn, the last dimension first."""

    def populate_space(self, trial_id: str) -> Values:
        # Keras Tuner's own queue waits for dimensions that a trial may yet add, and is lost when it is killed.
        if not self.start_order:
            return {"status": TrialStatus.RUNNING, "values": self.first_values()}
        values = self.trials[self.start_order[-1]].hyperparameters.values
        while (values := self._get_next_combination(values)) is not None:
            if self.admits(values):
                return {"status": TrialStatus.RUNNING, "values": values}
        return {"status": TrialStatus.STOPPED, "values": None}


class HyperbandOracle(SteadyOracle, oracles.HyperbandOracle):
    """Tries many settings for few epochs, and the best of them for more.

    The first trial has the experiment's own settings and all epochs; it stands outside the brackets.
    """

    def __init__(self, rules: Rules, max_trials: int, max_epochs: int, **kwargs: Any):
        self._sizes = bracket_sizes(max(max_trials - 1, 1), max_epochs)
        super().__init__(rules, max_epochs=max_epochs, factor=FACTOR, **kwargs)
        # Keras Tuner's oracle of this kind knows no limit of its own.
        self.max_trials = max_trials

    def populate_space(self, trial_id: str) -> Values:
        if not self.trials:
            whole = {"tuner/epochs": self.max_epochs, "tuner/initial_epoch": 0}
            whole |= {"tuner/bracket": 0, "tuner/round": 0}
            return {"status": TrialStatus.RUNNING, "values": {**self.first_values(), **whole}}
        return self._promotion(trial_id) or super().populate_space(trial_id)

    def _promotion(self, trial_id: str) -> Values | None:
        """Goes on with the best of a round that is over.

        Keras Tuner does so as soon as enough trials of a round are done. With a few that failed there never are
        enough, and nothing at all would be trained for longer.
        """
        for bracket in self._brackets:
            number, rounds = bracket["bracket_num"], bracket["rounds"]
            for following in range(1, len(rounds)):
                is_full = len(rounds[following]) >= self._get_size(number, following)
                candidates = self._candidates(rounds, following)
                if is_full or not candidates or not self._is_over(number, rounds, following - 1):
                    continue
                sign = -1 if self.objective.direction == "max" else 1
                best = min(candidates, key=lambda trial: sign * trial.score)
                rounds[following].append({"past_id": best.trial_id, "id": trial_id})
                values = {
                    **best.hyperparameters.values,
                    "tuner/trial_id": best.trial_id,
                    "tuner/epochs": self._get_epochs(number, following),
                    "tuner/initial_epoch": self._get_epochs(number, following - 1),
                    "tuner/bracket": number,
                    "tuner/round": following,
                }
                return {"status": TrialStatus.RUNNING, "values": values}
        return None

    def _candidates(self, rounds: list[list[Values]], following: int) -> list[trial_module.Trial]:
        """Returns the trials before a round that are done and not in it."""
        chosen = {info["past_id"] for info in rounds[following]}
        past = [self.trials[info["id"]] for info in rounds[following - 1] if info["id"] not in chosen]
        return [trial for trial in past if trial.status == TrialStatus.COMPLETED]

    def _is_over(self, number: int, rounds: list[list[Values]], place: int) -> bool:
        """Tells whether all trials of a round have ended, and no more will come."""
        if any(self.trials[info["id"]].status == TrialStatus.RUNNING for info in rounds[place]):
            return False
        if len(rounds[place]) >= self._get_size(number, place):
            return True
        no_more = place > 0 and not self._candidates(rounds, place)
        return no_more and self._is_over(number, rounds, place - 1)

    def _get_num_brackets(self) -> int:
        return len(self._sizes)

    def _get_size(self, bracket_num: int, round_num: int) -> int:
        return self._sizes[bracket_num][round_num]


def make_oracle(
    settings: TunerSettings,
    objective: str,
    space: keras_tuner.HyperParameters,
    epochs: int,
    seed: int,
    rules: Rules,
) -> keras_tuner.Oracle:
    """Makes what proposes the trials.

    Args:
        settings: Which algorithm, and how many trials.
        objective: Figure that ranks the trials; smaller is better where it ends with "loss".
        space: What is searched over; its defaults are the first trial.
        epochs: Most epochs of a trial.
        seed: Decides everything random.
        rules: What the search keeps to.
    """
    direction = "min" if objective.endswith("loss") else "max"
    common = {
        "objective": keras_tuner.Objective(objective, direction),
        "hyperparameters": space,
        "max_trials": settings.max_trials,
        "seed": seed,
    }
    if settings.algorithm == "hyperband":
        return HyperbandOracle(rules, max_epochs=epochs, **common)
    made: dict[str, type[SteadyOracle]] = {
        "random": RandomOracle,
        "bayesian": BayesianOracle,
        "grid": GridOracle,
    }
    return made[settings.algorithm](rules, **common)


def _write_whole(path: str, content: Any) -> None:
    """Writes a file that is either the old one or the new one, whenever the process is killed."""
    with fileio.open(f"{path}.new", "w") as handle:
        handle.write(json.dumps(content))
    fileio.rename(f"{path}.new", path, overwrite=True)
