"""Checks a search space against the settings it is about. No TensorFlow: configuration is checked with it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from models.tuning.comparable import changes_meaning
from models.tuning.conditions import CONDITIONS
from models.tuning.dimension import Dimension
from models.tuning.trial_settings import Settings, Values, setting, trial_settings
from models.tuning.tunable import MIXING, sections, tunable, why_fixed

Space = Mapping[str, Dimension]


def checked_space(space: Space) -> dict[str, Dimension]:
    """Returns the space with its values as the settings read them: `1e-3` of YAML is text, and a number here.

    Raises:
        ValueError: A key is unknown, or a value is none that its setting takes.
    """
    return {key: _checked(key, dimension) for key, dimension in space.items()}


def space_problems(
    space: Space, own: Settings, has_image: bool, has_table: bool, objective: str | None = None
) -> list[str]:
    """Finds what makes a space useless with these settings.

    Args:
        space: Dotted keys with their dimensions, checked.
        own: The experiment's `model`, `loss`, `training` and `augmentation`, as JSON.
        has_image: Whether the records have an image.
        has_table: Whether they may have columns.
        objective: Figure that ranks the trials; None is one that means the same in all.

    Returns:
        A sentence for each problem; empty where all is well.
    """
    problems = [
        *_without_effect(space, own),
        *_without_input(space, has_image, has_table),
        *_made_before(space, own),
        *_incomparable(space, objective),
    ]
    if problems:
        return problems
    try:
        trial_settings(own, first_values(space, own), has_image)
    except ValueError as err:
        return [f"tuner.space: the first trial's settings do not go together. {_reason(err)}"]
    return []


def first_values(space: Space, own: Settings) -> Values:
    """Returns the values of the first trial: the experiment's own, or the nearest that the space holds.

    A value that depends on another one is left out where it would have no effect.
    """
    values = {key: dimension.nearest(setting(own, key)) for key, dimension in space.items()}
    return {key: value for key, value in values.items() if _is_active(key, values)}


def _is_active(key: str, values: Mapping[str, Any]) -> bool:
    condition = CONDITIONS.get(key)
    if condition is None or condition.parent not in values:
        return True
    return values[condition.parent] in condition.values and _is_active(condition.parent, values)


def _checked(key: str, dimension: Dimension) -> Dimension:
    adapter = tunable().get(key)
    if adapter is None:
        raise ValueError(_unknown(key))
    if dimension.choice is not None:
        values = tuple(_value(key, value) for value in dimension.choice)
        default = None if dimension.default is None else _value(key, dimension.default)
        return dimension.model_copy(update={"choice": values, "default": default})
    assert dimension.limits is not None
    least, greatest = dimension.limits
    for limit in (least, greatest):
        _value(key, limit)
    if dimension.float_range is not None and not _takes(key, least + 0.381966 * (greatest - least)):
        raise ValueError(
            f"tuner.space.{key}: this setting takes whole numbers. Received: float: [{least:g}, {greatest:g}]. "
            f"Write int: [{least:.0f}, {greatest:.0f}]."
        )
    return dimension


def _takes(key: str, value: Any) -> bool:
    try:
        tunable()[key].validate_python(value)
    except ValidationError:
        return False
    return True


def _value(key: str, value: Any) -> Any:
    adapter = tunable()[key]
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as err:
        raise ValueError(f"tuner.space.{key}: {_reason(err)} Received: {value!r}.") from err


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    message = error.errors()[0]["msg"].removeprefix("Value error, ")
    return message if message.endswith((".", "?")) else f"{message}."


def _unknown(key: str) -> str:
    reason = why_fixed(key)
    if reason is not None:
        return f"tuner.space.{key}: this setting is not searched over: {reason}. Leave it out."
    if key in sections():
        first = next(name for name in tunable() if name.startswith(f"{key}."))
        return f"tuner.space.{key}: this key holds others. Name one of them, as {first}."
    near = get_close_matches(key, tunable(), n=1, cutoff=0.6)
    way_out = f"Did you mean {near[0]!r}?" if near else "Name a key of model, loss or training, as loss.name."
    return f"tuner.space.{key}: unknown key. {way_out}"


def _without_effect(space: Space, own: Settings) -> Iterator[str]:
    for key in space:
        condition = CONDITIONS.get(key)
        if condition is None:
            continue
        parent = space.get(condition.parent)
        possible = (setting(own, condition.parent),) if parent is None else parent.choice or ()
        # Which weights a loss has may follow from its name.
        decided_by_name = condition.parent == "loss.class_weights" and parent is None and "loss.name" in space
        if not decided_by_name and not set(condition.values) & set(possible):
            yield (
                f"tuner.space.{key} has an effect with {condition.parent} "
                f"{' or '.join(map(str, condition.values))} alone. Received: {condition.parent} "
                f"{', '.join(map(str, possible))}. Add one of these to tuner.space.{condition.parent}, or leave "
                f"{key} out."
            )


def _made_before(space: Space, own: Settings) -> Iterator[str]:
    made = setting(own, "augmentation.image")
    for key in ("augmentation.image", "augmentation.strength"):
        if key in space and made not in MIXING:
            yield (
                f"tuner.space.{key}: {made} makes new images before training, once for all trials. Received: "
                f"augmentation.image={made!r}. Set it to none, or leave {key} out of tuner.space."
            )


def _incomparable(space: Space, objective: str | None) -> Iterator[str]:
    keys = [key for key in space if objective is not None and changes_meaning(key, objective)]
    if keys:
        yield (
            f"tuner.objective: {objective} is that of each trial's own loss, which {', '.join(keys)} make another "
            "figure. Set it to val_macro_f1 or val_macro_average_precision, or leave these keys out of tuner.space."
        )


def _without_input(space: Space, has_image: bool, has_table: bool) -> Iterator[str]:
    image = ("model.image.", "model.attention", "model.pooling")
    for key in space:
        if not has_image and key.startswith(image):
            yield f"tuner.space.{key} is about images, and the records have none. Leave it out."
        if not has_table and key.startswith("model.tabular."):
            yield f"tuner.space.{key} is about columns, and the records have none. Leave it out."
