"""Experiment: every stage's settings, in the order of the data, from one YAML file."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from components.decision_calibrator.rules.capacity import Capacity
from components.decision_calibrator.settings import DecisionSettings
from components.evaluation.settings import EvaluationSettings
from components.imbalance_validator.settings import ValidationSettings
from components.serving_validator.settings import ServingValidationSettings
from components.stratified_example_gen.settings import DataSettings, SplitTime
from components.unlabelled_example_gen.settings import BulkInferenceSettings
from core.augmentation.settings import AugmentationSettings
from core.errors import InputError
from core.printable import shortened
from core.serving_settings import ServingSettings
from core.settings import Settings
from models.settings import (
    LossSettings,
    ModelSettings,
    TrainingSections,
    TrainingSettings,
    TunerSettings,
)
from models.training.compatibility import conflicts
from models.tuning.space import checked_space, space_problems
from pipeline.configuration.content import Content
from pipeline.configuration.experiment_file import read_experiment_file
from pipeline.configuration.explain_validation_error import explain_validation_error
from pipeline.configuration.inline_search_spaces import lift_search_spaces
from pipeline.configuration.scalar_types import with_setting_types
from pipeline.configuration.yaml_document import MOST_LEVELS, NotYaml, read_yaml
from pipeline.recipes import Quality, Recipe, with_recipe


class Experiment(Settings):
    """Everything that decides what a run does."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="Names the run's output folder and the served model; left out, the file's name.",
    )
    recipe: Recipe | None = Field(
        "auto",
        description="A bundle of settings to start from; whatever else stands here is put over it. auto chooses by the "
        "data; none, or null, keeps the defaults.",
    )
    quality: Quality = Field(
        "balanced",
        description="How much time the recipe takes: fast is for an answer in a minute, best trains more and longer.",
    )
    data: DataSettings = Field(description="Where the records are, what they mean, how they are split.")
    validation: ValidationSettings = Field(
        default_factory=ValidationSettings, description="Limits the data must keep."
    )
    augmentation: AugmentationSettings = Field(
        default_factory=AugmentationSettings, description="What is added to the rare classes of train."
    )
    model: ModelSettings = Field(default_factory=ModelSettings, description="The network.")
    loss: LossSettings = Field(default_factory=LossSettings, description="What training minimises.")
    training: TrainingSettings = Field(
        default_factory=TrainingSettings, description="How the network is trained."
    )
    decision: DecisionSettings = Field(
        default_factory=DecisionSettings, description="How probabilities become decisions."
    )
    evaluation: EvaluationSettings = Field(
        default_factory=EvaluationSettings, description="What is measured, and the least a model must reach."
    )
    serving_validation: ServingValidationSettings = Field(
        default_factory=ServingValidationSettings,
        description="What the exported model must stand before it is pushed.",
    )
    tuner: TunerSettings = Field(default_factory=TunerSettings, description="The search over settings.")
    serving: ServingSettings = Field(default_factory=ServingSettings, description="How the model is served.")
    bulk_inference: BulkInferenceSettings | None = Field(
        None, description="New records to score in the run; null scores none."
    )
    seed: int = Field(0, ge=0, lt=2**31, description="Decides everything random.")

    @field_validator("recipe", mode="before")
    @classmethod
    def _no_recipe(cls, recipe: Any) -> Any:
        return "none" if recipe is None else recipe

    @model_validator(mode="after")
    def _slices_are_columns(self) -> "Experiment":
        if self.evaluation.slices and self.data.format == "image_folder":
            raise ValueError(
                f"evaluation.slices names columns of a table; an image_folder has none. "
                f"Received: {list(self.evaluation.slices)}"
            )
        return self

    @model_validator(mode="after")
    def _search_has_folds(self) -> "Experiment":
        if self.tuner.by_folds and self.training.folds == 1:
            raise ValueError(
                "tuner.by_folds scores trials by the folds of training.folds. Received: tuner.by_folds=true with "
                "training.folds=1. Set training.folds to 5, or tuner.by_folds to false."
            )
        return self

    @model_validator(mode="after")
    def _folds_keep_to_time(self) -> "Experiment":
        if isinstance(self.data.splits, SplitTime) and self.training.folds > 1:
            raise ValueError(
                "training.folds parts train and eval anew, whatever the time of their records, so that members learn from "
                f"later records than those they answer. Received: training.folds={self.training.folds} with "
                "data.splits.time. Set training.folds to 1, or split by shares."
            )
        return self

    @model_validator(mode="after")
    def _windows_have_times(self) -> "Experiment":
        if self.evaluation.windows and self.data.time is None:
            raise ValueError(
                "evaluation.windows are windows of time, and data.time names no column of it. Received: "
                f"evaluation.windows={self.evaluation.windows}. Name the column, or take it out."
            )
        return self

    @model_validator(mode="after")
    def _cases_a_day_have_times(self) -> "Experiment":
        rule = self.decision.rule
        if isinstance(rule, Capacity) and rule.capacity.per_day is not None and self.data.time is None:
            raise ValueError(
                "decision.rule.capacity.per_day needs the time of every record, and data.time names no column of it. "
                f"Received: per_day={rule.capacity.per_day:g}. Name the column, or give share instead: the cases read in a "
                "day by the records that arrive in one."
            )
        return self

    @model_validator(mode="after")
    def _trees_have_columns(self) -> "Experiment":
        if self.model.tabular.trees.enabled and self.data.format == "image_folder":
            raise ValueError(
                "model.tabular.trees are fitted on columns of a table; an image_folder has none. Received: "
                "model.tabular.trees.enabled=true. Set it to false."
            )
        return self

    @field_validator("tuner")
    @classmethod
    def _space_is_about_settings(cls, tuner: TunerSettings) -> TunerSettings:
        return tuner.model_copy(update={"space": checked_space(tuner.space)})

    @model_validator(mode="after")
    def _training_fits_together(self) -> "Experiment":
        has_image = self.data.format == "image_folder" or self.data.image is not None
        problems = conflicts(self.model, self.loss, self.training, self.augmentation, has_image)
        if problems:
            raise ValueError(" ".join(problems))
        return self

    @model_validator(mode="after")
    def _space_has_an_effect(self) -> "Experiment":
        own = TrainingSections(
            model=self.model,
            loss=self.loss,
            training=self.training,
            augmentation=self.augmentation,
            seed=self.seed,
        )
        has_image = self.data.format == "image_folder" or self.data.image is not None
        has_table = self.data.format != "image_folder"
        problems = space_problems(self.tuner.space, own, has_image, has_table, self.tuner.objective)
        if problems:
            raise ValueError(" ".join(problems))
        return self


def load_experiment(path: str, overrides: list[str] | tuple[str, ...] = ()) -> Experiment:
    """Reads an experiment file.

    Args:
        path: The YAML file. Paths inside it are relative to its folder.
        overrides: `a.b=value` settings that replace the file's; values are YAML.

    Returns:
        The experiment, its paths absolute.

    Raises:
        InputError: Where the file cannot be read, or a key or value in it is wrong.
    """
    content = read_experiment_file(path)
    for override in overrides:
        _apply(content, override)
    content = with_setting_types(content, Experiment)
    content.setdefault("name", Path(path).stem)
    content = lift_search_spaces(with_recipe(content))
    try:
        experiment = Experiment.model_validate(content)
    except ValidationError as err:
        raise InputError(f"{path}: {explain_validation_error(err, Experiment)}") from err
    return _with_absolute_paths(experiment, os.path.dirname(os.path.abspath(path)))


def _apply(content: Content, override: str) -> None:
    key, equals, text = override.partition("=")
    shown = shortened(override, 200)
    if not equals or not key.strip():
        raise InputError(f"--set {shown}: expected KEY=VALUE, as in --set loss.name=focal.")
    *parents, last = key.strip().split(".")
    if len(parents) >= MOST_LEVELS:
        raise InputError(f"--set {shown}: the key has more than {MOST_LEVELS} parts.")
    try:
        value = read_yaml(text)
    except NotYaml as err:
        raise InputError(f"--set {shown}: the value is not YAML: {err}") from err
    place = content
    for parent in parents:
        if not isinstance(place.get(parent), dict):
            place[parent] = {}
        place = place[parent]
    place[last] = value


def _with_absolute_paths(experiment: Experiment, folder: str) -> Experiment:
    """Makes paths independent of the working directory."""

    def absolute(path: Any, key: str) -> Any:
        if not isinstance(path, str):
            return path
        if "\0" in path:
            raise InputError(f"{key}: no path holds a NUL character. Received: {shortened(repr(path), 200)}.")
        return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))

    data = experiment.data
    splits, schema_path = data.splits, absolute(data.schema_path, "data.schema")
    if hasattr(splits, "test") and isinstance(splits.test, str):
        splits = splits.model_copy(
            update={
                split: absolute(getattr(splits, split), f"data.splits.{split}")
                for split in ("train", "eval", "test")
            }
        )
    if data.schema_path is not None and not os.path.isfile(schema_path):
        raise InputError(f"data.schema: the schema file {schema_path!r} does not exist.")
    changes = {"path": absolute(data.path, "data.path"), "schema_path": schema_path, "splits": splits}
    changes["corrections"] = absolute(data.corrections, "data.corrections")
    image = experiment.model.image
    if image.weights not in (None, "imagenet"):
        image = image.model_copy(
            update={"weights": _weights_file(absolute(image.weights, "model.image.weights"), image.weights)}
        )
    bulk = experiment.bulk_inference
    return experiment.model_copy(
        update={
            "bulk_inference": bulk
            and bulk.model_copy(update={"path": absolute(bulk.path, "bulk_inference.path")}),
            "data": data.model_copy(update=changes),
            "model": experiment.model.model_copy(update={"image": image}),
        }
    )


def _weights_file(path: str, received: str) -> str:
    """Refuses what can be no file of weights."""
    if os.path.isdir(path):
        fits = os.path.isfile(os.path.join(path, "saved_model.pb"))
    else:
        fits = os.path.isfile(path) and path.endswith((".h5", ".hdf5", ".keras"))
    if not fits:
        state = "is no file of weights" if os.path.exists(path) else "does not exist"
        raise InputError(
            f"model.image.weights: {path!r} {state}. Received: {received!r}. Name a .h5, .weights.h5 or .keras "
            "file or the folder of a SavedModel, relative to the experiment file; or imagenet, or null."
        )
    return path
