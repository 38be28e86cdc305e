"""A search by a chief and its workers against the same search in one process.

Usage: python -m benchmarks.tuning [--trials 8] [--epochs 20] [--workers 2] (about two minutes on 2 cores).

Handwritten digits with a long tail, a small network, random search over learning rate and dropout: short
trials, so that what a worker costs, most of all the start of its process, weighs more than in a real search.
Prints the wall time of both and their ratio; below 1 the workers are faster. Both propose the same settings,
or the benchmark says so and fails.

On 2 cores 8 trials of 20 epochs took 38.0 s in one process and 32.5 s with a chief and two workers: 0.86. What
stands against 0.5 is that each worker imports TensorFlow, some 8 s of a processor, that its first trial pays for what
later ones find ready, and that one process already keeps more than one core busy; the longer the trials, the less the
former two weigh. Each worker has its share of the cores for the threads of an operation.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from models.settings import TrainingSections
from models.tuning.search import Search

_SPACE: dict[str, dict[str, Any]] = {
    "training.optimizer.learning_rate": {"float": [3e-4, 1e-2], "log": True},
    "model.image.dropout": {"float": [0.0, 0.5]},
}
_SIZE = (16, 16)
_SEED = 0


def make_search(data: Path, folder: Path, trials: int, epochs: int, workers: int) -> Search:
    """Makes a search whose trials train on the digits.

    Args:
        data: What `write_digits` wrote.
        folder: Of the search.
        trials: Trials to run.
        epochs: Epochs of each.
        workers: Processes; 1 runs the trials in this one.
    """
    from models.settings import TunerSettings
    from models.tuning.dimension import Dimension
    from models.tuning.hyperparameters import hyperparameters_of
    from models.tuning.oracles import Rules, make_oracle
    from models.tuning.space import first_values

    own = _own_settings(epochs)
    space = {key: Dimension(**content) for key, content in _SPACE.items()}
    oracle = make_oracle(
        TunerSettings(algorithm="random", max_trials=trials),
        "val_macro_f1",
        hyperparameters_of(space, first_values(space, own)),
        epochs,
        _SEED,
        Rules(),
    )
    command = [sys.executable, "-m", "benchmarks.tuning", "--worker", str(data), str(folder)]
    sizes = ["--trials", str(trials), "--epochs", str(epochs)]
    return Search(oracle, _Measure(data, folder, own, epochs), str(folder), workers, [*command, *sizes])


class _Measure:
    """Measures a trial; the data are read at the first one, in the process that runs it."""

    def __init__(self, data: Path, folder: Path, own: TrainingSections, epochs: int):
        self._data = data
        self._folder = folder
        self._own = own
        self._epochs = epochs
        self._measure: Any = None

    def __call__(self, values: dict[str, Any], folder: str) -> dict[str, float]:
        if self._measure is None:
            self._measure = self._made()
        return self._measure(values, folder)

    def _made(self) -> Any:
        from benchmarks.image_splits import split_images
        from models.network.classifier import InputShape
        from models.training.job import TrainingJob
        from models.tuning.measure import Measure

        splits = split_images(self._data, _SEED)
        scratch = Path(tempfile.mkdtemp(dir=self._folder.parent))
        train, evaluation = (splits.write(name, scratch, _SIZE) for name in ("train", "eval"))

        def job_of(sections: TrainingSections) -> TrainingJob:
            return TrainingJob(
                InputShape(image=(*_SIZE, 3)),
                splits.classes,
                train,
                evaluation,
                sections.model,
                sections.loss,
                sections.training,
                sections.augmentation,
                sections.seed,
            )

        return Measure(job_of, self._own, self._epochs, has_image=True)


def _own_settings(epochs: int) -> TrainingSections:

    return TrainingSections.model_validate(
        {
            "model": {"image": {"backbone": "small_cnn", "size": list(_SIZE)}},
            "training": {"epochs": epochs, "batch_size": 32, "patience": None},
            "seed": _SEED,
        }
    )


def timed(search: Search) -> tuple[float, list[dict[str, Any]]]:
    """Runs a search; returns its wall time in seconds and the settings of its trials."""
    start = time.monotonic()
    search.search()
    seconds = time.monotonic() - start
    trials = search.oracle.trials.values()
    return seconds, [dict(trial.hyperparameters.values) for trial in trials]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--worker", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        make_search(*chosen.worker, chosen.trials, chosen.epochs, workers=1).search()
        return
    from pipeline.experiments.make_digits import write_digits

    with tempfile.TemporaryDirectory() as name:
        data, scratch = Path(name) / "digits", Path(name)
        write_digits(data)
        # TensorFlow's own start is no part of a search in this process: a Tuner has it behind it.
        serial = make_search(data, scratch / "serial", chosen.trials, chosen.epochs, workers=1)
        alone, settings = timed(serial)
        parallel = make_search(data, scratch / "parallel", chosen.trials, chosen.epochs, chosen.workers)
        together, same = timed(parallel)
    print(f"{chosen.trials} trials of {chosen.epochs} epochs")
    print(f"one process          {alone:6.1f} s")
    print(f"chief and {chosen.workers} workers  {together:6.1f} s")
    print(f"ratio                {together / alone:6.2f}  (below 1 the workers are faster)")
    if sorted(map(str, settings)) != sorted(map(str, same)):
        raise SystemExit("The two searches did not try the same settings.")


if __name__ == "__main__":
    main()
