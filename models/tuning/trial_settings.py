"""Settings of a trial: its values, put over those of the experiment. No TensorFlow."""

import copy
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from models.settings import LossSettings, ModelSettings, TrainingSettings
from models.training.compatibility import conflicts
from models.tuning.conditions import CONDITIONS

# Of an experiment, by section, as JSON; and of a trial, by dotted key.
Settings: TypeAlias = Mapping[str, Any]
Values: TypeAlias = dict[str, Any]
# Keras Tuner's choices are of one type, and neither lists nor null: such values travel as text.
AS_JSON = "json:"


def plain_values(values: Mapping[str, Any]) -> Values:
    """Returns the settings among the values of a trial, as they stand in an experiment."""
    return {key: _decoded(value) for key, value in values.items() if not key.startswith("tuner/")}


def setting(settings: Settings, key: str) -> Any:
    """Returns the value at a dotted key; None where there is none."""
    value: Any = settings
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def trial_settings(own: Settings, values: Mapping[str, Any], has_image: bool) -> Settings:
    """Puts the values of a trial over the experiment's settings.

    What depends on a value that a trial changes, and is not searched over itself, goes back to its
    default: with another loss, the class weights are those that loss takes.

    Args:
        own: The experiment's `model`, `loss`, `training` and `augmentation`, as JSON; the rest is kept.
        values: Dotted keys with the trial's values.
        has_image: Whether the records have an image.

    Returns:
        The same keys, complete and valid.

    Raises:
        ValueError: The settings do not go together.
    """
    content = copy.deepcopy(dict(own))
    for key in _out_of_place(own, values):
        _remove(content, key)
    for key, value in values.items():
        _put(content, key, value)
    loss = LossSettings.model_validate(content["loss"])
    if "training.deferred" not in values and loss.class_weights == "none":
        # The loss of this trial has no weights that could set in.
        content["training"]["deferred"] = None
    model = ModelSettings.model_validate(content["model"])
    training = TrainingSettings.model_validate(content["training"])
    problems = conflicts(model, loss, training, content["augmentation"], has_image)
    if problems:
        raise ValueError(" ".join(problems))
    checked = {"model": model, "loss": loss, "training": training}
    return {**content, **{name: section.model_dump(mode="json") for name, section in checked.items()}}


def _decoded(value: Any) -> Any:
    is_json = isinstance(value, str) and value.startswith(AS_JSON)
    return json.loads(value.removeprefix(AS_JSON)) if is_json else value


def _out_of_place(own: Settings, values: Mapping[str, Any]) -> list[str]:
    """Returns the keys whose value in the experiment was meant for another value of what they depend on."""
    keys = []
    for key, condition in CONDITIONS.items():
        before, after = setting(own, condition.parent), values.get(condition.parent)
        changed = after is not None and after != before
        if changed and not (before in condition.values and after in condition.values):
            keys.append(key)
    for name, config in (
        ("loss.name", "loss.config"),
        ("training.optimizer.name", "training.optimizer.config"),
    ):
        if values.get(name, setting(own, name)) != setting(own, name):
            keys.append(config)
    return keys


def _put(content: Values, key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[last] = value


def _remove(content: Values, key: str) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        content = content.get(parent, {})
    content.pop(last, None)
