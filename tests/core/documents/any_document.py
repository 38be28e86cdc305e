"""Hypothesis's strategy for documents: any values that the types of the fields allow."""

import dataclasses
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import JsonValue

from core.documents.document import Document, Part

# Names of files that are not UTF-8 arrive as lone surrogates.
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\udcff\udc80"), max_size=4)
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
_PLAIN = {str: TEXTS, int: st.integers(0, 2**60), float: NUMBERS, bool: st.booleans(), type(None): st.none()}


def any_of(kind: type[Part]) -> st.SearchStrategy[Any]:
    """Documents or parts of a kind; of fields that may be left out, some are."""
    needed = {name: field.annotation for name, field in kind.model_fields.items() if field.is_required()}
    others = {name: field.annotation for name, field in kind.model_fields.items() if name not in needed}
    return st.fixed_dictionaries(
        {name: _values(annotation) for name, annotation in needed.items()},
        optional={name: _values(annotation) for name, annotation in others.items()},
    ).map(lambda content: kind(**content))


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation is JsonValue:
        return JSON
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _values(inner[0])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(_values, inner))
    if origin is dict:
        return st.dictionaries(_values(inner[0]), _values(inner[1]), max_size=2)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(_values(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_values, inner))
    if dataclasses.is_dataclass(annotation):
        fields = {one.name: _values(one.type) for one in dataclasses.fields(annotation)}
        return st.fixed_dictionaries(fields).map(lambda content: annotation(**content))
    assert issubclass(annotation, Part) and not issubclass(annotation, Document)
    return any_of(annotation)
