"""Names of the data's classes and columns in settings: marked in the settings' types, so that none is forgotten."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from core.annotations import alternatives, bare, field_type, item_type, key_type, value_type
from core.errors import InputError
from core.printable import listed, shortened
from core.suggestions import nearest


@dataclass(frozen=True)
class Named:
    """Marks text in a setting's type as the name of a class or a column."""

    kind: Literal["class", "column"]


ClassName = Annotated[str, Named("class")]
ColumnName = Annotated[str, Named("column")]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Mention:
    """A name that stands in settings.

    Attributes:
        key: Path of the setting.
        kind: What is named.
        name: As it is spelled.
    """

    key: str
    kind: Literal["class", "column"]
    name: str


def mentions(settings: BaseModel, key: str = "") -> list[Mention]:
    """Lists every class and column that settings name.

    Args:
        settings: Of a stage, or a whole experiment.
        key: Path of these settings.
    """
    found: list[Mention] = []

    def note(mention: Mention) -> str:
        found.append(mention)
        return mention.name

    respelled(settings, note, key)
    return found


def respelled(settings: Model, spell: Callable[[Mention], str], key: str = "") -> Model:
    """Returns settings with every name of a class or column as `spell` has it.

    Raises:
        InputError: Two names of a table become one.
    """
    fields = type(settings).model_fields
    changes = {
        name: _respelled(
            getattr(settings, name), field_type(type(settings), name), spell, _below(key, field.alias or name)
        )
        for name, field in fields.items()
    }
    # What stays as it is keeps to itself whether the experiment set it.
    return settings.model_copy(
        update={name: value for name, value in changes.items() if value != getattr(settings, name)}
    )


def require_classes(found: list[Mention], classes: Collection[str]) -> None:
    """Refuses a class that the data do not hold.

    Raises:
        InputError: There is one.
    """
    for mention in found:
        if mention.kind == "class" and mention.name not in classes:
            raise InputError(not_in_the_data(mention, sorted(classes), "in the data"))


def not_in_the_data(mention: Mention, known: Collection[str], where: str) -> str:
    """Says that there is no class or column of a name, which is nearest, and which there are."""
    hint = nearest(mention.name, known)
    what, names = ("there is no class", "Classes") if mention.kind == "class" else ("no column", "Columns")
    return (
        f"{mention.key}: {what} {shortened(repr(mention.name), 200)} {where}. "
        + (f"Did you mean {shortened(repr(hint), 200)}? " if hint else "")
        + f"{names}: {listed(list(known), 50)}."
    )


def _respelled(value: Any, annotation: Any, spell: Callable[[Mention], str], key: str) -> Any:
    if isinstance(value, BaseModel):
        return respelled(value, spell, key)
    if isinstance(value, tuple):
        return tuple(
            _respelled(item, item_type(annotation, place), spell, key) for place, item in enumerate(value)
        )
    if isinstance(value, dict):
        return _respelled_table(value, annotation, spell, key)
    kinds = {
        mark.kind
        for one in alternatives(annotation)
        if get_origin(one) is Annotated
        for mark in get_args(one)[1:]
        if isinstance(mark, Named)
    }
    if not isinstance(value, str) or not kinds or value in _choices(annotation):
        return value
    [kind] = kinds
    return spell(Mention(key, kind, value))


def _respelled_table(
    table: dict[Any, Any], annotation: Any, spell: Callable[[Mention], str], key: str
) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    before: dict[Any, Any] = {}
    for name, value in table.items():
        spelled = _respelled(name, key_type(annotation), spell, key)
        if spelled in result:
            raise InputError(
                f"{key}: {before[spelled]!r} and {name!r} both name {spelled!r}. Leave one of them out."
            )
        before[spelled] = name
        result[spelled] = _respelled(value, value_type(annotation, name), spell, key)
    return result


def _choices(annotation: Any) -> set[Any]:
    return {
        choice
        for one in map(bare, alternatives(annotation))
        if get_origin(one) is Literal
        for choice in get_args(one)
    }


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
