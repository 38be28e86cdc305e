"""What holds for the settings of all stages, found by walking through the experiment's types."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from core.annotations import field_type
from core.named_in_data import Named
from core.settings import Settings
from pipeline.config import Experiment

# Text, lists of text and tables by text that are no names of classes or columns. Whoever adds a setting that names
# one marks it with ClassName or ColumnName, by which it is checked against the data before anything is run.
NO_NAMES = {
    "AugmentationSettings.image",
    "AugmentationSettings.operations",
    "AugmentationSettings.tabular",
    "BulkInferenceSettings.path",
    "DataSettings.corrections",
    "DataSettings.path",
    "DataSettings.schema_path",
    "Experiment.name",
    "ImageModelSettings.backbone",
    "ImageModelSettings.weights",
    "LossSettings.config",
    "LossSettings.name",
    "OptimizerSettings.config",
    "OptimizerSettings.name",
    "SplitPaths.eval",
    "SplitPaths.test",
    "SplitPaths.train",
    "SplitTimeBorders.eval_from",
    "SplitTimeBorders.gap",
    "SplitTimeBorders.test_from",
    "SplitTimeShares.gap",
    "TunerSettings.objective",
    "TunerSettings.space",
}
NAMES = {
    "AugmentationSettings.target_ratio",
    "ColumnCost.column",
    "CostMatrix.cost_matrix",
    "CostSettings.class_name",
    "DataSettings.categorical",
    "DataSettings.drop",
    "DataSettings.group",
    "DataSettings.image",
    "DataSettings.label",
    "DataSettings.numeric",
    "DataSettings.time",
    "DecisionSettings.prior",
    "EvaluationSettings.slices",
    "MinPrecision.min_precision",
    "MinRecall.min_recall",
    "QueueSettings.class_name",
    "SplitColumn.column",
}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    else:
        for part in get_args(annotation):
            yield from models_in(part)


MODELS = sorted(set(models_in(Experiment)), key=lambda model: model.__name__)
FIELDS = {
    f"{model.__name__}.{name}": field_type(model, name) for model in MODELS for name in model.model_fields
}


def texts_in(annotation: Any) -> Iterator[bool]:
    """Yields for each text in a type whether it is marked as a name."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        if inner is str:
            yield any(isinstance(mark, Named) for mark in metadata)
        else:
            marked = any(isinstance(mark, Named) for mark in metadata)
            yield from (own or marked for own in texts_in(inner))
    elif annotation is str:
        yield False
    elif get_origin(annotation) in (Union, types.UnionType, tuple, list, dict):
        for part in get_args(annotation):
            yield from texts_in(part)


def test_the_settings_are_those_of_all_stages():
    assert len(MODELS) > 20 and Experiment in MODELS


@pytest.mark.parametrize("model", MODELS)
def test_settings_are_frozen_and_take_neither_unknown_keys_nor_infinities(model):
    assert issubclass(model, Settings)
    config = model.model_config
    assert (config["frozen"], config["extra"], config["allow_inf_nan"]) == (True, "forbid", False)


def test_every_text_is_marked_as_a_name_or_known_to_be_none():
    found = {key: list(texts_in(annotation)) for key, annotation in FIELDS.items()}
    assert {key for key, marks in found.items() if marks and all(marks)} == NAMES
    assert {key for key, marks in found.items() if marks and not all(marks)} == NO_NAMES


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_no_field_of_any_settings_takes_a_number_that_cannot_be_computed_with(model, number):
    for name, field in model.model_fields.items():
        for value in (number, [number, number], {"a": number}, {"a": {"b": number}}):
            given = {field.alias or name: value}
            with pytest.raises(ValueError) as caught:
                model.model_validate(given)
            places = {str(error["loc"][0]) for error in caught.value.errors() if error["loc"]}
            assert (field.alias or name) in places, (name, value)
