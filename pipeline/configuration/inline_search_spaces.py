"""Moves search spaces that stand in a setting's own place to `tuner.space`."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import InputError
from models.tuning.dimension import is_dimension, placeholder
from pipeline.configuration.content import Content

_SEARCHED = ("model", "loss", "training", "augmentation")
_AFTER_TRAINING = ("decision", "evaluation")
# Free-form tables, in which `float` or `choice` may be an argument's name.
_TABLES = ("loss.config", "training.optimizer.config", "augmentation.target_ratio")


def lift_search_spaces(content: Mapping[str, Any]) -> Content:
    """Moves search spaces from the settings' places to `tuner.space`.

    Example: `loss: {gamma: {float: [1, 3]}}` becomes `loss: {gamma: 1}` and
    `tuner: {space: {loss.gamma: {float: [1, 3]}}}`.

    Args:
        content: An experiment as its file says; it may yet be wrong in other ways.

    Returns:
        The experiment with each space's default, else its first or least value, in the setting's place.

    Raises:
        InputError: A setting has a space in both places, or one that is not about training has a space.
    """
    found: Content = {}
    for name in _AFTER_TRAINING:
        for key in _dimensions(name, content.get(name)):
            raise InputError(
                f"{key}: a search space cannot stand here, as {name} comes after the search. Give one value, and "
                f"search over keys of {', '.join(_SEARCHED)}."
            )
    lifted = {
        name: _lifted(name, value, found) if name in _SEARCHED else value for name, value in content.items()
    }
    if not found:
        return lifted
    tuner = lifted.get("tuner") or {}
    space = tuner.get("space") if isinstance(tuner, Mapping) else None
    if not isinstance(tuner, Mapping) or not isinstance(space, Mapping | None):
        return lifted
    for key in _twice(found, space or {}):
        raise InputError(
            f"{key}: this setting has a search space here and in tuner.space. Leave one of them out."
        )
    return {**lifted, "tuner": {**tuner, "space": {**(space or {}), **found}}}


def _dimensions(key: str, value: Any) -> Iterator[str]:
    """Finds the keys below one whose value can only be meant as a search space."""
    if not isinstance(value, dict):
        return
    # Tables by class may have a class of such a name; its value is a number.
    if is_dimension(value) and isinstance(next(iter(value.values())), list):
        yield key
    for name, inner in value.items():
        yield from _dimensions(f"{key}.{name}", inner)


def _lifted(key: str, value: Any, found: Content) -> Any:
    if not isinstance(value, dict) or key in _TABLES:
        return value
    if is_dimension(value):
        found[key] = value
        return placeholder(value)
    return {name: _lifted(f"{key}.{name}", inner, found) for name, inner in value.items()}


def _twice(found: Mapping[str, Any], space: Mapping[str, Any]) -> Iterator[str]:
    return (key for key in found if key in space)
