"""Takes the type annotations of settings apart."""

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def alternatives(annotation: Any) -> list[Any]:
    """Lists the types that a union is made of, each with what it is annotated with; none for None."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        parts = alternatives(inner)
        return [_annotated(parts[0], metadata)] if len(parts) == 1 else parts
    if get_origin(annotation) in (Union, types.UnionType):
        return [one for part in get_args(annotation) for one in alternatives(part)]
    return [] if annotation is None else [annotation]


def bare(annotation: Any) -> Any:
    """Returns a type without what it is annotated with."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def item_type(annotation: Any, place: int) -> Any:
    """Returns the type of a list's or tuple's item; None where the type is of neither."""
    parts = []
    for one in map(bare, alternatives(annotation)):
        arguments = get_args(one)
        if get_origin(one) is list or (get_origin(one) is tuple and arguments[1:] == (...,)):
            parts.append(arguments[0])
        elif get_origin(one) is tuple and place < len(arguments):
            parts.append(arguments[place])
        elif one is Any:
            parts.append(Any)
    return _union(parts)


def key_type(annotation: Any) -> Any:
    """Returns the type of a dictionary's keys; None where the type is of none."""
    return _union([get_args(one)[0] for one in map(bare, alternatives(annotation)) if _is_table(one)])


def value_type(annotation: Any, key: str) -> Any:
    """Returns the type of what stands under a key, in a dictionary or a model; None where nothing does."""
    parts = []
    for one in map(bare, alternatives(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            parts += [
                field_type(one, name)
                for name, field in one.model_fields.items()
                if key in (name, field.alias)
            ]
        elif _is_table(one):
            parts.append(get_args(one)[1])
        elif one is Any:
            parts.append(Any)
    return _union(parts)


def field_type(model: type[BaseModel], name: str) -> Any:
    """Returns the type of a model's field with what it is annotated with, which pydantic keeps apart."""
    field = model.model_fields[name]
    return _annotated(field.annotation, field.metadata) if field.metadata else field.annotation


def _annotated(annotation: Any, metadata: list[Any]) -> Any:
    parts: Any = (annotation, *metadata)
    return Annotated[parts]


def _is_table(annotation: Any) -> bool:
    return get_origin(annotation) in (dict, Mapping)


def _union(parts: list[Any]) -> Any:
    return Union[tuple(parts)] if parts else None  # noqa: UP007
