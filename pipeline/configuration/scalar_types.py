"""Converts every scalar of an experiment to the type of its setting."""

import re
from typing import Any, Literal, get_args, get_origin

from core.annotations import alternatives, bare, item_type, value_type
from core.errors import InputError
from pipeline.configuration.yaml_document import PlainScalar, native_value

_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_TAKES: dict[str, set[type]] = {
    "null": {type(None)},
    "bool": {bool},
    "int": {int, float},
    "float": {int, float},
}


def with_setting_types(value: Any, annotation: Any, key: str = "") -> Any:
    """Reads what YAML takes for a boolean, a number or null as text, where a setting is text.

    Example: `label: 1` is the column "1", `drop: [no, 2020]` the columns "no" and "2020", and `seed: 1` a number.

    Args:
        value: What `read_yaml` returns, or a part of it.
        annotation: Type of the setting in its place; `Any` where everything goes.
        key: Path of the setting.

    Returns:
        The same, without a `PlainScalar`. What is of the wrong kind is left to the settings to refuse, as it was written.

    Raises:
        InputError: A number may be read in two ways, or null stands where there must be text.
    """
    wanted = [bare(one) for one in alternatives(annotation)]
    if isinstance(value, PlainScalar):
        return _typed_scalar(value, wanted, key)
    if isinstance(value, list):
        return [
            _typed_item(item, item_type(annotation, place), f"{key}.{place}")
            for place, item in enumerate(value)
        ]
    if isinstance(value, dict):
        return {
            name: with_setting_types(inner, value_type(annotation, name), f"{key}.{name}" if key else name)
            for name, inner in value.items()
        }
    return value


def _typed_item(item: Any, annotation: Any, key: str) -> Any:
    # There is no default that null could stand for in a list.
    if (
        isinstance(item, PlainScalar)
        and item.kind == "null"
        and item.text
        and str in map(bare, alternatives(annotation))
    ):
        return item.text
    return with_setting_types(item, annotation, key)


def _typed_scalar(plain: PlainScalar, wanted: list[Any], key: str) -> Any:
    scalars = {type(choice) for one in wanted if get_origin(one) is Literal for choice in get_args(one)}
    scalars |= {one for one in wanted if isinstance(one, type)}
    if plain.kind == "null" and str in scalars and type(None) not in scalars and plain.text not in ("", "~"):
        raise InputError(
            f'{key}: YAML reads {plain.text} as no value. Quote it if it is a name: "{plain.text}".'
        )
    if plain.kind == "null" or not wanted or Any in wanted or _TAKES[plain.kind] & scalars:
        return _native(plain, key)
    return plain.text


def _native(plain: PlainScalar, key: str) -> Any:
    """Reads a scalar as YAML does, but for numbers that people read otherwise."""
    try:
        value = native_value(plain)
    except ValueError as err:
        raise InputError(f"{key}: {err}.") from err
    if plain.kind in ("int", "float") and (":" in plain.text or _LEADING_ZERO.fullmatch(plain.text)):
        raise InputError(
            f"{key}: YAML reads {plain.text} as {value}. Write {value} if that is meant, or quote it if it is text: "
            f'"{plain.text}".'
        )
    return value
