"""Measurement of a trial: a training with its settings, or one for each fold."""

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence

import keras

from models.settings import TrainingSections
from models.training.job import Trained, TrainingJob
from models.training.members.parts import part_records
from models.training.train import train
from models.tuning.answers import EvalAnswers, answers_of, joined_answers, write_answers
from models.tuning.short_training import shortened
from models.tuning.trial_settings import Values, plain_values, trial_settings

EPOCHS = "epochs"


class Measure:
    """Measures the settings of a trial on the eval split, as the Trainer would.

    Args:
        job_of: Makes a training of settings.
        own: The experiment's settings, which a trial's values are put over.
        epochs: Most epochs of a trial, where Keras Tuner names none.
        has_image: Whether the records have an image.
        callbacks: Makes further Keras callbacks of a trial, given its folder.
        by_folds: Whether a trial is a training for each of the folds of its settings.
    """

    def __init__(
        self,
        job_of: Callable[[TrainingSections], TrainingJob],
        own: TrainingSections,
        epochs: int,
        has_image: bool,
        callbacks: Callable[[str], Sequence[keras.callbacks.Callback]] = lambda folder: (),
        by_folds: bool = False,
    ):
        self._job_of = job_of
        self._own = own
        self._epochs = epochs
        self._has_image = has_image
        self._callbacks = callbacks
        self._by_folds = by_folds

    def __call__(self, values: Values, folder: str) -> dict[str, float]:
        """Trains, and returns the figures of the epoch whose weights are kept, with the number of epochs.

        By folds they are the means of all, and the number that of all together.

        Args:
            values: Of the trial, by Keras Tuner's names.
            folder: Of the trial; what it answers to the records that it is judged by is kept there.
        """
        settings = trial_settings(self._own, plain_values(values), self._has_image)
        job = self._job_of(shortened(settings, values.get("tuner/epochs", self._epochs)))
        with tempfile.TemporaryDirectory(prefix="folds") as work:
            measured = [
                _measured(own, self._callbacks(folder) if place == 0 else ())
                for place, own in enumerate(self._jobs(job, work))
            ]
        write_answers(folder, joined_answers([answers for _, answers in measured]))
        return mean_figures([figures for figures, _ in measured])

    def _jobs(self, job: TrainingJob, work: str) -> list[TrainingJob]:
        if not self._by_folds:
            return [job]
        paths = [*job.train.paths, *job.evaluation.paths]
        parts = part_records(paths, job.train.feature_spec, work, job.training.folds, job.seed)
        return [parts.job(job, fold) for fold in range(len(parts.own))] if len(parts.own) > 1 else [job]


def _measured(
    job: TrainingJob, callbacks: Sequence[keras.callbacks.Callback]
) -> tuple[dict[str, float], EvalAnswers]:
    # The networks before would stay in memory.
    keras.backend.clear_session()
    trained = train(job, callbacks)
    return figures_of(trained, job.training.monitor), answers_of(job, trained)


def mean_figures(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Returns the mean of every figure that all have, and the number of epochs of all together."""
    names = [name for name in figures[0] if all(name in one for one in figures)]
    means = {name: statistics.fmean(one[name] for one in figures) for name in names}
    return {**means, EPOCHS: sum(one[EPOCHS] for one in figures)}


def figures_of(trained: Trained, monitor: str) -> dict[str, float]:
    """Returns the figures on the eval split of the epoch whose weights are kept, with the number of epochs."""
    [best] = [one for one in trained.history if one["epoch"] == trained.best.best_epoch]
    figures = {name: float(value) for name, value in best.items() if name.startswith("val_")}
    # A stage without epochs has changed the weights since.
    return {**figures, monitor: float(trained.best.value), EPOCHS: float(len(trained.history))}
