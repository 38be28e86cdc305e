"""A training on what Transform made of a table with a rare class."""

import warnings
from typing import Any

import pytest

from models.training import train as train_module
from models.training.job import Trained
from tests.models.training.trained import UNWEIGHTED


@pytest.fixture(scope="session")
def job_of(data_of, tmp_path_factory):
    """Makes the `TrainingJob` of records with an image, a table, or both, from the settings that differ."""
    from core.augmentation.settings import AugmentationSettings
    from core.features import IMAGE, NUMERIC
    from models.input.dataset import ExampleFiles
    from models.network.classifier import InputShape
    from models.settings import LossSettings, ModelSettings, TrainingSettings
    from models.training.job import TrainingJob

    written: dict[str, tuple[ExampleFiles, ExampleFiles]] = {}

    def files(kind: str) -> tuple[ExampleFiles, ExampleFiles]:
        if kind not in written:
            data, folder = data_of(kind), tmp_path_factory.mktemp(kind)
            spec = data.transformed.output.transformed_feature_spec()
            splits = {"train": range(data.num_train), "eval": range(data.num_train, len(data.records))}
            for name, positions in splits.items():
                data.transformed.write(folder / name, positions)
            written[kind] = tuple(
                ExampleFiles([str(path) for path in sorted((folder / name).iterdir())], spec, (10, 8), 1)
                for name in splits
            )
        return written[kind]

    def make(
        kind: str = "table",
        model: dict[str, Any] | None = None,
        loss: dict[str, Any] | None = None,
        augmentation: dict[str, Any] | None = None,
        seed: int = 3,
        **training: Any,
    ) -> TrainingJob:
        train, evaluation = files(kind)
        output = data_of(kind).transformed.output
        has_table = kind != "image"
        inputs = InputShape(
            image=(10, 8, 1) if IMAGE in train.feature_spec else None,
            num_numeric=train.feature_spec[NUMERIC].shape[0] if has_table else 0,
            categorical_sizes=tuple(
                output.vocabulary_size_by_name(f"categories_{place}") + 1 for place in range(2)
            )
            if has_table
            else (),
        )
        small = {
            "image": {"size": (10, 8), "channels": 1, "alpha": 0.25},
            "tabular": {"hidden_units": (16,)},
            "embedding_units": 8,
        }
        quick = {"epochs": 3, "batch_size": 32, "patience": None, "optimizer": {"learning_rate": 0.01}}
        return TrainingJob(
            inputs,
            [name.decode() for name in output.vocabulary_by_name("classes")],
            train,
            evaluation,
            ModelSettings(**{**small, **(model or {})}),
            LossSettings(**(loss or {})),
            TrainingSettings(**{**quick, **training}),
            AugmentationSettings(**(augmentation or {})),
            seed,
        )

    return make


@pytest.fixture(scope="session")
def trained_by():
    """Trains a job as run_fn does, and puts back what it changed of the process.

    Without `traced` steps run eagerly, which is faster where there are few of them.
    """
    import tensorflow as tf
    from tensorflow.python.framework import config as tf_config

    from models.training.train import train

    def run(job, callbacks=(), traced=True):
        tf.config.run_functions_eagerly(not traced)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Even though the .* does not apply to tf.data")
                return train(job, callbacks)
        finally:
            tf.config.run_functions_eagerly(False)
            # run_fn has its process to itself; here other tests follow, and some draw without a seed.
            tf_config.disable_op_determinism()

    return run


@pytest.fixture(scope="session")
def plain(job_of, trained_by) -> Trained:
    return trained_by(job_of(loss=UNWEIGHTED))


@pytest.fixture
def keep_the_last(monkeypatch):
    """Lets every later stage count as better."""
    monkeypatch.setattr(train_module, "_is_better", lambda *_: True)


@pytest.fixture
def keep_the_first(monkeypatch):
    """Lets no later stage count as better."""
    monkeypatch.setattr(train_module, "_is_better", lambda *_: False)


@pytest.fixture(scope="session")
def pretrained(job_of, trained_by, tmp_path_factory) -> str:
    """A file with the weights of a backbone that was trained before."""
    trained = trained_by(job_of("image", epochs=1))
    path = str(tmp_path_factory.mktemp("weights") / "small_cnn.weights.h5")
    trained.model.get_layer("small_cnn").save_weights(path)
    return path
