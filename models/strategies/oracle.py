"""Oracle of Keras Tuner that tries each strategy with every seed, and then those together that pay."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trial_module

from core.strategy_plan import Combination, PlannedStrategy
from models.strategies.names import PLAIN, SEED, STRATEGIES, as_text, names_in
from models.strategies.out_of_time import is_out_of_time
from models.tuning.oracles import Rules, SteadyOracle
from models.tuning.trial_settings import Values

TrialStatus = trial_module.TrialStatus
# Of the time that there is, what each strategy alone may take; the rest is for those that pay together.
_ALONE = 0.8


@dataclass(frozen=True)
class Budget:
    """Time that there is, by the clock of `time.time`.

    Attributes:
        start: When the search began.
        end: When the command is to be over; None is no limit.
        overhead: Seconds of the stages after the search, but for the training of what is chosen.
        final: Time of that training, as a multiple of a trial's.
    """

    start: float = 0.0
    end: float | None = None
    overhead: float = 0.0
    final: float = 1.0

    def left(self, training: float, share: float = 1.0) -> float:
        """Returns the seconds for trials that are left, where a trial of what is chosen takes so many; infinite without a limit."""
        if self.end is None:
            return float("inf")
        last = self.end - self.overhead - self.final * training
        return self.start + share * (last - self.start) - time.time()


class StrategyOracle(SteadyOracle):
    """Proposes the trials of a search for strategies.

    Every trial is a training of plain cross entropy with some strategies, with one seed. Which come next depends on
    the plan, and on the trials that are done, alone; several workers change nothing. Where time is limited, a strategy
    whose expected time is more than what is left is passed over.

    Args:
        rules: What the search keeps to.
        strategies: Those that train, by name, in the order of their turns.
        seeds: Trainings of each.
        wanted: Says which combination is needed next once all strategies were tried alone; None at the end.
        budget: Time that there is.
    """

    def __init__(
        self,
        rules: Rules,
        strategies: Mapping[str, PlannedStrategy],
        seeds: int,
        wanted: Callable[["StrategyOracle"], Combination | None],
        budget: Budget,
        **kwargs: Any,
    ):
        super().__init__(rules, **kwargs)
        self._strategies = strategies
        self._seeds = seeds
        self._wanted = wanted
        self._budget = budget

    def populate_space(self, trial_id: str) -> Values:
        started = {_key(trial) for trial in self.trials.values()}
        for names, seed in self._alone():
            if (names, seed) not in started and self.has_time(names, seed, _ALONE):
                return _proposed(names, seed)
        if self.ongoing_trials:
            # What comes next depends on what these will say.
            return {"status": TrialStatus.IDLE, "values": None}
        together = self._wanted(self)
        if together is not None:
            for seed in range(self._seeds):
                if (together.names, seed) not in started:
                    return _proposed(together.names, seed)
        return {"status": TrialStatus.STOPPED, "values": None}

    def reload(self) -> None:
        super().reload()
        for trial in self.trials.values():
            # There may be time for it now.
            if trial.status != TrialStatus.COMPLETED and is_out_of_time(trial.message):
                self.end_order.remove(trial.trial_id)
                self._run_times[trial.trial_id] = 0
                self._retry_queue.append(trial.trial_id)

    def _alone(self) -> Iterator[tuple[tuple[str, ...], int]]:
        for names in ((), *((name,) for name in self._strategies)):
            for seed in range(self._seeds):
                yield names, seed

    def has_time(self, names: tuple[str, ...], seed: int = 0, share: float = 1.0) -> bool:
        """Tells whether there is time for a training; for the first one of strategies, whether there is for all seeds."""
        plain = self.seconds(())
        if plain is None:
            return True
        own = self.seconds(names)
        if own is None:
            own = plain * max((self._strategies[name].cost for name in names), default=1.0)
        trainings = self._seeds if seed == 0 and names else 1
        return trainings * own <= self._budget.left(max(own, plain), share)

    def seconds(self, names: tuple[str, ...]) -> float | None:
        """Returns the mean time of the trainings that are done; None where none is."""
        found = [
            float(trial.metrics.get_last_value("seconds"))
            for trial in self.trials.values()
            if _key(trial)[0] == names and trial.status == TrialStatus.COMPLETED
        ]
        return sum(found) / len(found) if found else None

    def of(self, names: tuple[str, ...]) -> dict[int, trial_module.Trial]:
        """Returns the trials of strategies by the number of the seed, those that have ended."""
        ended = {TrialStatus.COMPLETED, TrialStatus.INVALID, TrialStatus.FAILED}
        return {
            _key(trial)[1]: trial
            for trial in self.trials.values()
            if _key(trial)[0] == names and trial.status in ended
        }

    def folder(self, trial: trial_module.Trial) -> str:
        """Returns the folder of a trial."""
        return os.path.join(self._project_dir, f"trial_{trial.trial_id}")


def _proposed(names: tuple[str, ...], seed: int) -> Values:
    return {"status": TrialStatus.RUNNING, "values": {STRATEGIES: as_text(names), SEED: seed}}


def _key(trial: trial_module.Trial) -> tuple[tuple[str, ...], int]:
    values = trial.hyperparameters.values
    return names_in(values[STRATEGIES]), int(values[SEED])


def space() -> keras_tuner.HyperParameters:
    """Declares the values of a trial to Keras Tuner; the oracle alone says which there are."""
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.Fixed(STRATEGIES, PLAIN)
    hyperparameters.Fixed(SEED, 0)
    return hyperparameters
