"""Measurement of a trial: a training with its settings."""

from collections.abc import Callable, Sequence

import keras

from models.settings import TrainingSections
from models.training.job import Trained, TrainingJob
from models.training.train import train
from models.tuning.answers import answers_of, write_answers
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
    """

    def __init__(
        self,
        job_of: Callable[[TrainingSections], TrainingJob],
        own: TrainingSections,
        epochs: int,
        has_image: bool,
        callbacks: Callable[[str], Sequence[keras.callbacks.Callback]] = lambda folder: (),
    ):
        self._job_of = job_of
        self._own = own
        self._epochs = epochs
        self._has_image = has_image
        self._callbacks = callbacks

    def __call__(self, values: Values, folder: str) -> dict[str, float]:
        """Trains, and returns the figures of the epoch whose weights are kept, with the number of epochs.

        Args:
            values: Of the trial, by Keras Tuner's names.
            folder: Of the trial; what it answers to the eval records is kept there.
        """
        settings = trial_settings(self._own, plain_values(values), self._has_image)
        job = self._job_of(shortened(settings, values.get("tuner/epochs", self._epochs)))
        # The networks of the trials before would stay in memory.
        keras.backend.clear_session()
        trained = train(job, self._callbacks(folder))
        write_answers(folder, answers_of(job, trained))
        return figures_of(trained, job.training.monitor)


def figures_of(trained: Trained, monitor: str) -> dict[str, float]:
    """Returns the figures on the eval split of the epoch whose weights are kept, with the number of epochs."""
    [best] = [one for one in trained.history if one["epoch"] == trained.best.best_epoch]
    figures = {name: float(value) for name, value in best.items() if name.startswith("val_")}
    # A stage without epochs has changed the weights since.
    return {**figures, monitor: float(trained.best.value), EPOCHS: float(len(trained.history))}
