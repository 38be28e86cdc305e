"""Rows of the catalogue: a choice that an experiment can name, and all that follows from its name.

No TensorFlow: settings are made of the rows and checked before it is imported. What a row builds is named by a
dotted path and imported when it is built.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, TypeVar

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from core.settings import Settings


@dataclass(frozen=True)
class OwnField:
    """A key of the experiment that has an effect with certain rows alone, such as `loss.gamma`.

    Attributes:
        name: The key within its section.
        type: Type of its values.
        default: Its value where the experiment does not say.
        description: What it is for, in one line.
        bounds: Limits of its values, by pydantic's names: ge, gt, le, lt, min_length, max_length.
        argument: Argument of the builder that takes the value; None is that of the same name.
        searched: Least and greatest value of the default search space; None leaves the key out.
        choices: Values of the default search space, where it is no range.
    """

    name: str
    type: Any
    default: Any
    description: str
    bounds: Mapping[str, float] = field(default_factory=dict)
    argument: str | None = None
    searched: tuple[float, float] | None = None
    choices: tuple[Any, ...] = ()

    @property
    def declaration(self) -> tuple[Any, FieldInfo]:
        """Type and field as pydantic's `create_model` takes them."""
        info: FieldInfo = Field(self.default, description=self.description, **self.bounds)  # type: ignore[call-overload]
        return self.type, info


@dataclass(frozen=True)
class Exclusion:
    """A value of another setting that a row does not go together with.

    Attributes:
        key: Dotted key of the other setting.
        values: Its values.
        reason: Why, as a sentence.
        instead: What to set the row's own key to.
        other_instead: What to set the other key to.
    """

    key: str
    values: tuple[str, ...]
    reason: str
    instead: str
    other_instead: str

    def sentence(self, own_key: str, own_value: str, other_value: str) -> str:
        """Says what does not go together, why, and the way out.

        Args:
            own_key: Dotted key of the row.
            own_value: Its value as an error shows it.
            other_value: The value found under `key`.
        """
        return (
            f"{self.reason} Received: {own_key}={own_value} with {self.key}={other_value!r}. Set {own_key} to "
            f"{self.instead}, or {self.key} to {self.other_instead}."
        )


@dataclass(frozen=True)
class Row:
    """A choice that an experiment can name.

    Attributes:
        name: What the experiment says.
        builder: `package.module:callable` of what makes it; empty where nothing is built.
        source: Where it is from: authors, title, year, link.
        summary: What it does, as the description of its key says it.
        fields: Keys that have an effect with this row.
        searched: Whether it is in the default search space.
        excludes: What it does not go together with.
    """

    name: str
    builder: str = ""
    source: str = ""
    summary: str = ""
    fields: tuple[OwnField, ...] = ()
    searched: bool = False
    excludes: tuple[Exclusion, ...] = ()

    def load(self) -> Any:
        """Imports the builder."""
        return load(self.builder)


def load(path: str) -> Any:
    """Imports what a path `package.module:name` names."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


AnyRow = TypeVar("AnyRow", bound=Row)


def names_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Returns what an experiment can say, in the order of the rows."""
    return tuple(row.name for row in rows)


def row_of(rows: Iterable[AnyRow], name: str) -> AnyRow:
    """Returns the row of a name.

    Raises:
        KeyError: There is none.
    """
    return {row.name: row for row in rows}[name]


def searched_names(rows: Iterable[Row]) -> tuple[str, ...]:
    """Returns the names that the default search space holds."""
    return names_of(row for row in rows if row.searched)


def own_fields(rows: Iterable[Row]) -> dict[str, OwnField]:
    """Returns the keys of all rows by name; one that several rows share stands where the first has it."""
    fields: dict[str, OwnField] = {}
    for row in rows:
        for own in row.fields:
            fields.setdefault(own.name, own)
    return fields


def names_by_field(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """Returns for each key the names with which it has an effect."""
    rows = tuple(rows)
    return {
        name: names_of(row for row in rows if name in (own.name for own in row.fields))
        for name in own_fields(rows)
    }


Declared = Mapping[str, tuple[Any, FieldInfo]]


def declared(rows: Iterable[Row]) -> dict[str, tuple[Any, FieldInfo]]:
    """Returns the keys of all rows as pydantic's `create_model` takes fields."""
    return {name: own.declaration for name, own in own_fields(rows).items()}


def in_order(fields: Declared, first: tuple[str, ...]) -> dict[str, tuple[Any, FieldInfo]]:
    """Puts some of the fields before the others, which stay as they are."""
    return {**{name: fields[name] for name in first}, **fields}


def settings_of(name: str, fields: Declared) -> Any:
    """Makes the class that settings with the keys of rows inherit.

    Args:
        name: Name of the class.
        fields: Keys in the order of the experiment, with their types and pydantic's `Field`.
    """
    made: Any = create_model(name, __base__=Settings, **fields)  # type: ignore[call-overload]
    return made


def one_of(*names: str) -> Any:
    """Makes the type whose values are these names."""
    return Literal.__getitem__(names)  # type: ignore[attr-defined]


def listed(names: Iterable[str]) -> str:
    """Joins names as a sentence does: `crt`, `crt and lws`, `ldam, balanced_softmax and logit_adjusted`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
