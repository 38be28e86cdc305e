"""Search for the strategies that pay: trainings of each alone and of the best together, and what they answered."""

import dataclasses
import functools
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import keras
import tensorflow_transform as tft
from tfx.dsl.io import fileio

from core.strategy_plan import (
    AnswersBySeed,
    ClassFacts,
    Combination,
    HeldOutAnswers,
    JudgeFn,
    PlannedStrategy,
    SearchOutcome,
    SearchTask,
    Standing,
    StrategyPlan,
    TrainedCombination,
)
from models.catalogue.row import load
from models.settings import TrainingSections
from models.strategies.augmented import augmented_examples
from models.strategies.budget import budget_of
from models.strategies.combine import added, combined, combined_sections, trained_names
from models.strategies.greedy import GreedyOutcome, greedy
from models.strategies.measure import StrategyMeasure, read_answers, read_parameters
from models.strategies.oracle import StrategyOracle, space
from models.strategies.out_of_time import OutOfTime, is_out_of_time
from models.trainer import training_job
from models.training.job import TrainingJob
from models.tuning.chief import is_worker
from models.tuning.data_digest import data_digest
from models.tuning.job import JOB_FILE, MAKER, STARTED_BY_CHIEF
from models.tuning.oracles import Rules
from models.tuning.search import ERROR_FILE, Search, last_line
from models.tuning.trial_progress import TrialProgress

_OBJECTIVE = "val_macro_f1"
_MAKER = "models.strategies.search:worker_search"
_OF_THE_RUN = {"parallel", "minutes"}


def search_fn(task: SearchTask) -> SearchOutcome:
    """Searches, or goes on with a search that the same settings and data have begun; see StrategySearchFn."""
    made = StrategySearch(task)
    made.search()
    return made.outcome()


def worker_search(job: SimpleNamespace) -> Search:
    """Makes the search of a worker, of what stands in the job file."""
    plan = StrategyPlan.model_validate(job.plan)
    return StrategySearch(SearchTask(**{**vars(job), "plan": plan})).keras_search


class StrategySearch:
    """A search for the strategies that pay.

    Args:
        task: What to search, on which data.
    """

    def __init__(self, task: SearchTask):
        self._task = task
        self._plan = task.plan
        self._strategies = {one.name: one for one in task.plan.strategies}
        self._order = {name: number for number, name in enumerate(self._strategies)}
        self._transform = tft.TFTransformOutput(task.transform_graph)
        wanted = TrainingSections.from_config(task.training)
        self._own = _judged_by(wanted, task.plan.folds)
        self._judge: JudgeFn = load(_with_colon(task.judge_fn))
        job = self._job(self._own)
        self._has_image = job.inputs.image is not None
        self._classes = list(job.classes)
        folder = os.path.join(task.folder, _digest(task))
        self._folder = folder
        trained = {name: one for name, one in self._strategies.items() if one.rule is None}
        most = task.plan.seeds * (1 + len(trained))
        progress = TrialProgress(_OBJECTIVE, most, folder)
        fileio.makedirs(folder)
        self._budget = budget_of(
            task.plan.minutes, folder, _trainings_by_record(wanted) / _trainings_by_record(self._own)
        )
        self.oracle = StrategyOracle(
            Rules(on_begin=progress.begin, on_end=progress.end),
            trained,
            task.plan.seeds,
            lambda oracle: self._greedy().wanted,
            self._budget,
            objective=keras_objective(),
            hyperparameters=space(),
            max_trials=None,
            seed=self._own.seed,
        )
        measure = StrategyMeasure(self._job, self._sections, self._own.seed, self._callbacks)
        command = [
            sys.executable,
            "-m",
            "models.tuning.worker",
            os.path.join(folder, JOB_FILE),
            STARTED_BY_CHIEF,
        ]
        self.keras_search = Search(self.oracle, measure, folder, task.plan.parallel, command)
        if not is_worker():
            for trial in self.oracle.trials.values():
                progress.take_in(trial)
            content = {**dataclasses.asdict(task), "plan": task.plan.model_dump(mode="json"), MAKER: _MAKER}
            with fileio.open(os.path.join(folder, JOB_FILE), "w") as handle:
                handle.write(json.dumps(content))
        self._kept: dict[str, HeldOutAnswers] = {}
        self._standings: dict[Any, Mapping[Combination, Standing]] = {}

    def search(self) -> None:
        """Runs the trainings that are not done yet."""
        self.keras_search.search()

    def outcome(self) -> SearchOutcome:
        """Returns what the trainings that are done came to."""
        plain = Combination()
        singles = [one for one in self._singles() if self._tried(one)]
        found = self._greedy()
        together = [one.combination for one in found.additions]
        tried = {name for one in singles for name in one.names}
        return SearchOutcome(
            names=self._classes,
            classes=self._facts,
            plain=self._trained(plain),
            singles=[self._trained(one) for one in singles],
            together=[self._trained(one) for one in together],
            additions=found.additions,
            chosen=found.chosen,
            looked_at=len(self._strategies),
            out_of_time=[name for name in self._strategies if name not in tried],
        )

    # === Settings ===

    def _sections(self, names: Sequence[str]) -> TrainingSections:
        values = combined(names, self._strategies)
        assert values is not None, f"{names} want different values of one key"
        return combined_sections(self._own, values, self._has_image)

    def _job(self, sections: TrainingSections) -> TrainingJob:
        """Makes a training on the records that its settings ask for, which are made where they are not there yet."""
        task = self._task
        examples = augmented_examples(task, sections, lambda: self._folder)
        files = {
            split: [os.path.join(artifact_uri, "*")]
            for split in ("train", "eval")
            for artifact_uri in [os.path.join(examples, f"Split-{split}")]
        }
        arguments: Any = SimpleNamespace(train_files=files["train"], eval_files=files["eval"])
        return training_job(arguments, self._transform, sections)

    def _callbacks(self) -> Sequence[keras.callbacks.Callback]:
        end = self._budget.end
        return () if end is None else (OutOfTime(end - self._budget.overhead),)

    def _add(self, combination: Combination, strategy: PlannedStrategy) -> Combination | None:
        """Adds a strategy to others; None where they do not go together."""
        together = added(combination, strategy, self._order)
        if together is None:
            return None
        values = combined(together.names, self._strategies)
        if values is None:
            return None
        try:
            combined_sections(self._own, values, self._has_image)
        except ValueError:
            return None
        return together

    # === Evidence ===

    def _singles(self) -> list[Combination]:
        return [Combination((one.name,), one.rule or "argmax") for one in self._plan.strategies]

    def _tried(self, one: Combination) -> bool:
        trials = self.oracle.of(trained_names(one, self._strategies)).values()
        return any(not is_out_of_time(trial.message) for trial in trials)

    def _answers(self, one: Combination) -> AnswersBySeed:
        names = trained_names(one, self._strategies)
        trials = {seed: trial for seed, trial in self.oracle.of(names).items() if trial.status == "COMPLETED"}
        return {seed: self._read(self.oracle.folder(trial)) for seed, trial in sorted(trials.items())}

    def _read(self, folder: str) -> HeldOutAnswers:
        if folder not in self._kept:
            self._kept[folder] = read_answers(folder)
        return self._kept[folder]

    @functools.cached_property
    def _facts(self) -> ClassFacts:
        counts = self._job(self._own).train.class_counts(len(self._classes)).tolist()
        prior = self._plan.prior
        return ClassFacts(counts, None if prior is None else [prior[name] for name in self._classes])

    def _held_against(
        self, baseline: Combination, others: Sequence[Combination], looked_at: int
    ) -> Mapping[Combination, Standing]:
        done = tuple(tuple(self._answers(one)) for one in (baseline, *others))
        key = (baseline, tuple(others), looked_at, done)
        if key not in self._standings:
            self._standings[key] = self._judged(baseline, others, looked_at)
        return self._standings[key]

    def _judged(
        self, baseline: Combination, others: Sequence[Combination], looked_at: int
    ) -> Mapping[Combination, Standing]:
        numbered = {str(number): one for number, one in enumerate(others)}
        standings = self._judge(
            self._facts,
            (baseline.rule, self._answers(baseline)),
            {number: (one.rule, self._answers(one)) for number, one in numbered.items()},
            looked_at,
        )
        return {numbered[number]: standing for number, standing in standings.items()}

    def _greedy(self) -> GreedyOutcome:
        plain = Combination()
        shared = set(self._answers(plain))
        judged = [one for one in self._singles() if shared & set(self._answers(one))]
        standings = self._held_against(plain, judged, len(self._strategies)) if judged else {}
        return greedy(standings, self._strategies, self._add, self._together, self._held_against)

    def _together(self, one: Combination) -> AnswersBySeed | None:
        """Returns the answers of several strategies; None where there is time to train them, empty where there is none."""
        names = trained_names(one, self._strategies)
        ended = self.oracle.of(names)
        if len(ended) >= self._plan.seeds or not self.oracle.has_time(names, len(ended)):
            return self._answers(one)
        return None

    def _trained(self, one: Combination) -> TrainedCombination:
        names = trained_names(one, self._strategies)
        ended = self.oracle.of(names).values()
        done = [trial for trial in ended if trial.status == "COMPLETED"]
        return TrainedCombination(
            combination=one,
            answers=self._answers(one),
            seconds=self.oracle.seconds(names),
            parameters=read_parameters(self.oracle.folder(done[0])) if done else None,
            failed=tuple(
                self._reason(trial)
                for trial in ended
                if trial.status != "COMPLETED" and not is_out_of_time(trial.message)
            ),
        )

    def _reason(self, trial: Any) -> str:
        path = os.path.join(self.oracle.folder(trial), ERROR_FILE)
        if not trial.message and fileio.exists(path):
            with fileio.open(path) as handle:
                return last_line(handle.read())
        return last_line(trial.message)


def _judged_by(sections: TrainingSections, folds: int | None) -> TrainingSections:
    if folds is None:
        return sections
    return sections.model_copy(update={"training": sections.training.model_copy(update={"folds": folds})})


def _trainings_by_record(sections: TrainingSections) -> int:
    """Returns how often each record is learnt from: by every network but that of its own fold."""
    return max(sections.training.folds - 1, 1)


def keras_objective() -> Any:
    """Returns what Keras Tuner ranks trials by; here it decides nothing."""
    import keras_tuner

    return keras_tuner.Objective(_OBJECTIVE, "max")


def _with_colon(path: str) -> str:
    module, _, name = path.rpartition(".")
    return f"{module}:{name}"


def _digest(task: SearchTask) -> str:
    """Names a search by all that decides what its trainings come to: settings, seeds and the data."""
    splits = [os.path.join(task.examples, f"Split-{split}", "*") for split in ("train", "eval")]
    content = {
        "training": {key: value for key, value in task.training.items() if key != "max_image_pixels"},
        "plan": task.plan.model_dump(mode="json", exclude=_OF_THE_RUN),
        "data": data_digest(splits, task.transform_graph),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
