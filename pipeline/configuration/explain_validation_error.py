"""Explains pydantic's validation errors in sentences."""

import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from core.printable import shortened
from core.suggestions import nearest

# Of a hundred thousand unknown keys nobody reads more.
_MOST_PROBLEMS = 20
_LONGEST_PROBLEM = 2_000
_LONGEST_VALUE = 200
# Parts of pydantic's paths that say which type of a union was tried; nobody has written them.
_TYPES = ("Split", "function-", "literal[", "tuple[", "dict[", "rule[", "cost[", "[key]")


def explain_validation_error(error: ValidationError, root: type[BaseModel]) -> str:
    """Says each problem as: the key's path, what is wrong, the value received, the way out.

    Args:
        error: What was found wrong.
        root: The model that was to be validated.
    """
    problems = error.errors()
    shown = [
        shortened(_explain_one(problem, root), _LONGEST_PROBLEM) for problem in problems[:_MOST_PROBLEMS]
    ]
    if len(problems) > _MOST_PROBLEMS:
        shown.append(f"And {len(problems) - _MOST_PROBLEMS:,} more problems of this kind.")
    return "\n".join(shown)


def _explain_one(detail: Any, root: type[BaseModel]) -> str:
    path = [part for part in detail["loc"] if not str(part).startswith(_TYPES)]
    key = ".".join(str(part) for part in path) or "experiment"
    if detail["type"] == "extra_forbidden":
        valid = _keys_at(path[:-1], root)
        hint = nearest(str(path[-1]), valid)
        way_out = f"Did you mean {hint!r}?" if hint else f"Known keys: {', '.join(valid)}."
        return f"{key}: unknown key. {way_out}"
    if detail["type"] == "missing":
        return f"{key}: this key is missing. {_description(path, root)}"
    message = detail["msg"].removeprefix("Value error, ")
    if message.startswith(f"{key}."):
        return message
    value = detail["input"]
    parts = [message if message.endswith((".", "?")) else f"{message}."]
    if not isinstance(value, dict | BaseModel):
        received = repr(value)
        if received not in message:
            parts.append(f"Received: {shortened(received, _LONGEST_VALUE)}.")
    if detail["type"] == "literal_error" and isinstance(value, str):
        hint = nearest(
            value, [choice.strip("'") for choice in re.split(", | or ", detail["ctx"]["expected"])]
        )
        parts += [f"Did you mean {hint!r}?"] if hint else []
    return f"{key}: {' '.join(parts)}"


def _models_at(path: list[Any], root: type[BaseModel]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [root]
    for part in path:
        if "." in str(part):  # A setting's key in a search space, which is no field.
            continue
        inner: list[type[BaseModel]] = []
        for model in models:
            for name, field in model.model_fields.items():
                if part in (name, field.alias):
                    inner += _models_in(field.annotation)
        models = inner
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _keys_at(path: list[Any], root: type[BaseModel]) -> list[str]:
    return [
        field.alias or name for model in _models_at(path, root) for name, field in model.model_fields.items()
    ]


def _description(path: list[Any], root: type[BaseModel]) -> str:
    for model in _models_at(path[:-1], root):
        for name, field in model.model_fields.items():
            if path and path[-1] in (name, field.alias):
                return field.description or ""
    return ""
