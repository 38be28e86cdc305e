"""Measurement of a combination of strategies: one training, or one for each fold, of one seed."""

import io
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from tfx.dsl.io import fileio

from core.strategy_plan import HeldOutAnswers
from models.network.layers.layer_seed import layer_seed
from models.settings import TrainingSections
from models.strategies.held_out_epochs import EpochAnswers, answers_of_chosen_epochs
from models.strategies.names import SEED, STRATEGIES, names_in
from models.training.job import TrainingJob
from models.training.members.parts import part_records, read_bookkeeping
from models.training.train import train
from models.tuning.answers import answers_of
from models.tuning.measure import figures_of, mean_figures
from models.tuning.trial_settings import Values

ANSWERS_FILE, NETWORK_FILE = "held_out.npz", "network.json"


class StrategyMeasure:
    """Trains plain cross entropy with some strategies, and keeps what the networks answer to held-out records.

    Args:
        job_of: Makes a training of settings on the records that these ask for.
        sections_of: Settings of strategies, by their names.
        seed: Of the experiment; that of a training follows from it and the number of the trial's seed.
        callbacks: Makes further callbacks of a training.
    """

    def __init__(
        self,
        job_of: Callable[[TrainingSections], TrainingJob],
        sections_of: Callable[[Sequence[str]], TrainingSections],
        seed: int,
        callbacks: Callable[[], Sequence[keras.callbacks.Callback]] = lambda: (),
    ):
        self._job_of = job_of
        self._sections_of = sections_of
        self._seed = seed
        self._callbacks = callbacks

    def __call__(self, values: Values, folder: str) -> dict[str, float]:
        """Trains, and returns the figures of the best epoch, of several folds their means.

        Args:
            values: Names of the strategies, and the number of the seed.
            folder: Of the trial; the answers are kept there.
        """
        names = names_in(values[STRATEGIES])
        own_seed = layer_seed(self._seed, f"strategies {values[SEED]}") % 2**31
        sections = self._sections_of(names).model_copy(update={"seed": own_seed})
        job = self._job_of(sections)
        with tempfile.TemporaryDirectory(prefix="folds") as work:
            measured = [self._measured(one) for one in self._jobs(job, work)]
        answers = _joined([found for _, found, _ in measured])
        _write(folder, answers, sum(parameters for _, _, parameters in measured))
        return mean_figures([figures for figures, _, _ in measured])

    def _jobs(self, job: TrainingJob, work: str) -> list[TrainingJob]:
        if job.training.folds == 1:
            return [job]
        paths = [*job.train.paths, *job.evaluation.paths]
        # The same folds for all seeds: whose answers are compared must have answered the same records.
        parts = part_records(paths, job.train.feature_spec, work, job.training.folds, self._seed)
        return [parts.job(job, fold) for fold in range(len(parts.own))] if len(parts.own) > 1 else [job]

    def _measured(self, job: TrainingJob) -> tuple[dict[str, float], "_Keyed", int]:
        # The networks before would stay in memory.
        keras.backend.clear_session()
        kept = EpochAnswers()
        trained = train(job, [kept, *self._callbacks()])
        records = read_bookkeeping(job.evaluation.paths, job.evaluation.feature_spec)
        if trained.best.epochs and kept.epochs:
            probabilities = answers_of_chosen_epochs(kept.epochs, records.labels, records.sets, self._seed)
        else:
            # A stage without epochs has changed the weights since the last.
            probabilities = answers_of(job, trained).probabilities
        prior = np.asarray(trained.best.prior, np.float64)
        answers = HeldOutAnswers(records.labels, records.sets, probabilities, prior)
        figures = figures_of(trained, job.training.monitor)
        return figures, (records.keys, answers), int(trained.model.count_params())


_Keyed = tuple[list[bytes], HeldOutAnswers]


def _joined(found: Sequence[_Keyed]) -> HeldOutAnswers:
    """Joins the answers of folds in the order of the records' keys, which all trainings have in common."""
    if len(found) == 1:
        return found[0][1]
    keys = [key for own, _ in found for key in own]
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__))
    return HeldOutAnswers(
        labels=np.concatenate([one.labels for _, one in found])[order],
        units=np.concatenate([one.units for _, one in found])[order],
        probabilities=np.concatenate([one.probabilities for _, one in found])[order],
        prior=np.mean([one.prior for _, one in found], axis=0),
    )


def _write(folder: str, answers: HeldOutAnswers, parameters: int) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **vars(answers))
    with fileio.open(os.path.join(folder, ANSWERS_FILE), "wb") as handle:
        handle.write(content.getvalue())
    with fileio.open(os.path.join(folder, NETWORK_FILE), "w") as handle:
        handle.write(json.dumps({"parameters": parameters}))


def read_answers(folder: str) -> HeldOutAnswers:
    """Reads what the networks of a trial answered."""
    with fileio.open(os.path.join(folder, ANSWERS_FILE), "rb") as handle:
        arrays: Any = np.load(io.BytesIO(handle.read()))
        return HeldOutAnswers(**{name: arrays[name] for name in arrays.files})


def read_parameters(folder: str) -> int:
    """Reads how many numbers the networks of a trial have."""
    with fileio.open(os.path.join(folder, NETWORK_FILE)) as handle:
        return int(json.loads(handle.read())["parameters"])
