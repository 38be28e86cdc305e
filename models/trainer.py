"""What TFX's Trainer calls: settings, train, export."""

import json
import os
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer import fn_args_utils
from tfx.dsl.io import fileio

from models.best_epoch import BestEpoch
from models.dataset import ExampleFiles
from models.epoch_progress import EpochProgress
from models.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    NUMERIC,
    FeatureSpec,
    categories_vocabulary,
)
from models.network.classifier import InputShape, build_classifier
from models.network.losses import make_loss
from models.network.metrics import make_metrics
from models.network.optimizers import make_optimizer
from models.serving.export import export_classifier
from models.settings import LossSettings, ModelSettings, TrainingSettings


def run_fn(fn_args: fn_args_utils.FnArgs) -> None:
    """Trains the classifier and exports it.

    Args:
        fn_args: TFX's arguments. `custom_config` holds the experiment's `model`, `loss`, `training` and
            `seed`, and the names of the raw features `label` and `image`. The folder of the model run gets
            `history.json`, the figures of every epoch, and `training.json`, what was trained.
    """
    config = fn_args.custom_config
    model_settings = ModelSettings.model_validate(config["model"])
    training = TrainingSettings.model_validate(config["training"])
    transform = tft.TFTransformOutput(fn_args.transform_graph_path)
    classes = [name.decode() for name in transform.vocabulary_by_name(CLASSES_VOCABULARY)]
    train, evaluation = (
        _example_files(pattern, transform, model_settings)
        for pattern in (fn_args.train_files, fn_args.eval_files)
    )

    keras.utils.set_random_seed(config["seed"])
    tf.config.experimental.enable_op_determinism()
    class_counts = train.class_counts(len(classes))
    model = build_classifier(
        _input_shape(transform, model_settings), model_settings, class_counts, config["seed"]
    )
    model.compile(
        make_optimizer(training.optimizer),
        make_loss(LossSettings.model_validate(config["loss"]), class_counts),
        metrics=make_metrics(len(classes)),
    )
    history, best = _fit(model, train, evaluation, training, class_counts, config["seed"])

    spec = FeatureSpec.from_dtypes(
        {name: feature.dtype for name, feature in transform.raw_feature_spec().items()},
        config["label"],
        config["image"],
    )
    export_classifier(model, transform, spec, classes, model_settings.image, fn_args.serving_model_dir)
    _write_json(fn_args.model_run_dir, "history.json", history)
    _write_json(
        fn_args.model_run_dir,
        "training.json",
        {
            "classes": classes,
            "class_counts": class_counts.tolist(),
            "parameters": model.count_params(),
            "best_epoch": best.epoch,
            "monitor": best.monitor,
            "monitor_value": best.value,
            "seed": config["seed"],
        },
    )


def _example_files(
    patterns: list[str], transform: tft.TFTransformOutput, settings: ModelSettings
) -> ExampleFiles:
    paths = sorted(path for pattern in patterns for path in fileio.glob(pattern))
    return ExampleFiles(
        paths, transform.transformed_feature_spec(), settings.image.size, settings.image.channels
    )


def _input_shape(transform: tft.TFTransformOutput, settings: ModelSettings) -> InputShape:
    spec = transform.transformed_feature_spec()
    num_categorical = spec[CATEGORICAL].shape[0] if CATEGORICAL in spec else 0
    return InputShape(
        image=(*settings.image.size, settings.image.channels) if IMAGE in spec else None,
        num_numeric=spec[NUMERIC].shape[0] if NUMERIC in spec else 0,
        categorical_sizes=tuple(
            # One more for the bucket of unknown categories.
            transform.vocabulary_size_by_name(categories_vocabulary(position)) + 1
            for position in range(num_categorical)
        ),
    )


def _fit(
    model: keras.Model,
    train: ExampleFiles,
    evaluation: ExampleFiles,
    settings: TrainingSettings,
    class_counts: np.ndarray,
    seed: int,
) -> tuple[list[dict[str, Any]], BestEpoch]:
    """Trains, and returns the figures of every epoch and the best one."""
    num_records = int(class_counts.sum())
    num_eval_records = int(evaluation.class_counts(len(class_counts)).sum())
    best = BestEpoch(settings.monitor, settings.patience)
    log = _EpochLog()
    model.fit(
        train.batches(settings.batch_size, num_records, shuffle_seed=seed),
        validation_data=evaluation.batches(max(settings.batch_size, 256), num_eval_records),
        epochs=settings.epochs,
        callbacks=[best, log, EpochProgress(settings.epochs, -(-num_records // settings.batch_size))],
        verbose=0,
    )
    return log.epochs, best


class _EpochLog(keras.callbacks.Callback):
    """Gathers the figures of every epoch."""

    def __init__(self):
        super().__init__()
        self.epochs: list[dict[str, Any]] = []
        self._start = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        figures = {name: float(value) for name, value in (logs or {}).items()}
        rate = float(np.asarray(self.model.optimizer.learning_rate))
        seconds = time.monotonic() - self._start
        self.epochs.append(
            {"epoch": epoch + 1, **figures, "learning_rate": rate, "seconds": round(seconds, 3)}
        )


def _write_json(folder: str, name: str, content: Any) -> None:
    fileio.makedirs(folder)
    with fileio.open(os.path.join(folder, name), "w") as handle:
        handle.write(json.dumps(_without_nan(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _without_nan(content: Any) -> Any:
    """Replaces numbers that JSON has no word for with null."""
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not np.isfinite(content) else content
