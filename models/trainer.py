"""Entry point of TFX's Trainer: settings, train, export."""

import dataclasses
import os
from typing import TYPE_CHECKING

import keras
import tensorflow_transform as tft
from tfx.dsl.io import fileio

from core.documents.history import History
from core.documents.training import Blend, TrainedFold, TrainedStage, Training
from core.documents.values import without_infinities
from core.features import (
    CATEGORICAL,
    CLASSES_VOCABULARY,
    IMAGE,
    NUMERIC,
    FeatureSpec,
    categories_vocabulary,
)
from core.image_header import MAX_IMAGE_PIXELS
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.serving.export import export_classifier
from models.serving.python_model import KERAS_MODEL
from models.settings import ModelSettings, TrainingSections
from models.training.job import TrainingJob
from models.training.members.train_members import TrainedMembers, train_members
from models.tuning.trial_settings import Values, plain_values, trial_settings

if TYPE_CHECKING:
    # Takes seconds, for which a search's workers, who import this module, have no use.
    from tfx.components.trainer import fn_args_utils


def run_fn(fn_args: "fn_args_utils.FnArgs") -> None:
    """Trains the classifier and exports it.

    Args:
        fn_args: TFX's arguments. `custom_config` holds the experiment's `model`, `loss`, `training`,
            `augmentation` and `seed`, the names of the raw features `label` and `image`, and, where it is not the
            default, `max_image_pixels`, the most that an image may declare when the model is asked. The values of
            `hyperparameters`, where a search came before, take the place of the experiment's. The folder of
            the model run gets `history.json`, the figures of every epoch, `training.json`, what was trained,
            `classifier.keras`, the Keras model, TensorBoard's logs, and, where `training.folds` is above 1, the
            answers out of fold: see OutOfFold.
    """
    config = fn_args.custom_config
    transform = tft.TFTransformOutput(fn_args.transform_graph_path)
    hyperparameters = plain_values((fn_args.hyperparameters or {}).get("values", {}))
    sections = TrainingSections.from_config(config)
    if hyperparameters:
        sections = trial_settings(sections, hyperparameters, config["image"] is not None)
    job = training_job(fn_args, transform, sections)
    members = _train(job, fn_args.model_run_dir)
    trained = members.trained
    spec = FeatureSpec.from_dtypes(
        {name: feature.dtype for name, feature in transform.raw_feature_spec().items()},
        config["label"],
        config["image"],
    )
    export_classifier(
        trained.model,
        transform,
        spec,
        list(job.classes),
        job.model.image,
        fn_args.serving_model_dir,
        config.get("max_image_pixels", MAX_IMAGE_PIXELS),
    )
    History(epochs=without_infinities(trained.history)).write(fn_args.model_run_dir, fileio)
    _training(job, members, hyperparameters).write(fn_args.model_run_dir, fileio)
    if members.answers is not None:
        members.answers.write(fn_args.model_run_dir, fileio)
    # Beside the SavedModel: ServingValidator holds the one against the other.
    trained.model.save(os.path.join(fn_args.model_run_dir, KERAS_MODEL))
    members.finish()


def training_job(
    fn_args: "fn_args_utils.FnArgs", transform: tft.TFTransformOutput, sections: TrainingSections
) -> TrainingJob:
    """Makes a training on TFX's files.

    Args:
        fn_args: TFX's arguments, of which the files are taken.
        transform: What Transform learnt.
        sections: The settings of the training.
    """
    model = sections.model
    train_files, evaluation_files = (
        _example_files(pattern, transform, model) for pattern in (fn_args.train_files, fn_args.eval_files)
    )
    return TrainingJob(
        inputs=_input_shape(transform, model),
        classes=[name.decode() for name in transform.vocabulary_by_name(CLASSES_VOCABULARY)],
        train=train_files,
        evaluation=evaluation_files,
        model=model,
        loss=sections.loss,
        training=sections.training,
        augmentation=sections.augmentation,
        seed=sections.seed,
    )


def _train(job: TrainingJob, folder: str) -> TrainedMembers:
    # Beside the folders of this stage's runs: one that is killed has another folder when it is tried again.
    kept = None if "://" in folder else os.path.join(os.path.dirname(os.path.dirname(folder)), "members")

    def logs(member: int) -> list[keras.callbacks.Callback]:
        return [_logs(folder if job.training.folds == 1 else os.path.join(folder, f"fold-{member + 1}"))]

    return train_members(job, kept, logs)


def _logs(folder: str) -> keras.callbacks.Callback:
    return keras.callbacks.TensorBoard(folder, write_graph=False)


def _training(job: TrainingJob, members: TrainedMembers, hyperparameters: Values) -> Training:
    trained = members.trained
    stages = [without_infinities(dataclasses.asdict(stage)) for stage in trained.stages]
    return Training(
        classes=tuple(job.classes),
        class_counts=trained.class_counts.tolist(),
        parameters=trained.model.count_params(),
        trained_parameters=max(stage.trained_parameters for stage in trained.stages),
        best_epoch=trained.best.best_epoch,
        best_stage=trained.best.name,
        monitor=job.training.monitor,
        monitor_value=without_infinities(trained.best.value),
        implied_prior=without_infinities(trained.best.prior),
        stages=tuple(TrainedStage.model_validate(stage) for stage in stages),
        warnings=trained.warnings,
        seed=job.seed,
        hyperparameters=without_infinities(hyperparameters),
        **_folds(members),
        **_blend(members),
    )


def _folds(members: TrainedMembers) -> dict[str, tuple[TrainedFold, ...]]:
    """Returns what the document says of folds: nothing where there are none."""
    figures = [without_infinities(dataclasses.asdict(fold)) for fold in members.folds]
    return {"folds": tuple(TrainedFold.model_validate(fold) for fold in figures)} if figures else {}


def _blend(members: TrainedMembers) -> dict[str, Blend]:
    """Returns what the document says of network and trees: nothing where there are no trees."""
    if members.blend is None:
        return {}
    return {"blend": Blend.model_validate(without_infinities(dataclasses.asdict(members.blend)))}


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
