"""One dimension of a search space: the values that a setting may take."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from core.settings import Settings

_KINDS = ("choice", "float", "int")
_KEYS = {*_KINDS, "log", "step", "default"}


class Dimension(Settings):
    """The values of a setting: listed ones, or a range of numbers."""

    model_config = ConfigDict(populate_by_name=True)

    choice: tuple[Any, ...] | None = Field(None, max_length=1000, description="Values to choose from.")
    float_range: tuple[float, float] | None = Field(
        None, alias="float", description="Least and greatest number."
    )
    int_range: tuple[int, int] | None = Field(
        None, alias="int", description="Least and greatest whole number."
    )
    log: bool = Field(
        False,
        description="Ranges only: whether 0.001 to 0.01 is tried as often as 0.01 to 0.1; limits are above 0.",
    )
    step: float | None = Field(
        None, gt=0, description="Ranges only: distance of two values; with `log` their ratio, above 1."
    )
    default: Any = Field(
        None, description="Value outside the search; null is the first one listed, or the least."
    )

    @property
    def limits(self) -> tuple[float, float] | None:
        """Least and greatest number; None where values are listed."""
        return self.float_range if self.float_range is not None else self.int_range

    @property
    def choice_types(self) -> set[type]:
        """Types of the values listed."""
        return {type(value) for value in self.choice or ()}

    @property
    def first(self) -> Any:
        """The value outside the search."""
        if self.default is not None:
            return self.default
        if self.choice is not None:
            return self.choice[0]
        assert self.limits is not None
        return self.limits[0]

    def holds(self, value: Any) -> bool:
        """Tells whether a setting's value is one of the space."""
        if self.choice is not None:
            return value in self.choice
        assert self.limits is not None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.limits[0] <= value <= self.limits[1]

    def nearest(self, value: Any) -> Any:
        """Returns the value itself, the limit next to it, or the first of the listed ones."""
        if self.holds(value):
            return value
        if self.limits is None or not isinstance(value, int | float):
            return self.first
        return min(max(value, self.limits[0]), self.limits[1])

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "Dimension":
        given = [
            kind
            for kind, value in zip(_KINDS, (self.choice, self.float_range, self.int_range), strict=True)
            if value is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "Expected one of `choice: [...]`, `float: [least, greatest]` and `int: [least, greatest]`. "
                f"Received: {' and '.join(given) or 'none of them'}."
            )
        return self

    @model_validator(mode="after")
    def _choice_is_one(self) -> "Dimension":
        if self.choice is None:
            return self
        if not self.choice:
            raise ValueError("`choice` must list at least one value. Received: [].")
        if any(value in self.choice[:place] for place, value in enumerate(self.choice)):
            raise ValueError(f"`choice` must list every value once. Received: {list(self.choice)}.")
        if self.log or self.step is not None:
            raise ValueError("`log` and `step` work with `float` and `int` alone. Leave them out.")
        return self

    @model_validator(mode="after")
    def _range_is_one(self) -> "Dimension":
        if self.limits is None:
            return self
        least, greatest = self.limits
        if least > greatest:
            raise ValueError(
                f"The least value must come first. Received: [{least:g}, {greatest:g}]. Swap them."
            )
        if self.log and least <= 0:
            raise ValueError(
                f"`log` needs limits above 0. Received: [{least:g}, {greatest:g}]. Raise the least one, or "
                "leave `log` out."
            )
        if self.log and self.step is not None and self.step <= 1:
            raise ValueError(
                f"With `log`, `step` is the ratio of two values, above 1. Received: step={self.step:g}."
            )
        if self.int_range is not None and self.step is not None and not self.step.is_integer():
            raise ValueError(f"`step` of `int` must be a whole number. Received: step={self.step:g}.")
        return self

    @model_validator(mode="after")
    def _default_is_held(self) -> "Dimension":
        if self.default is not None and not self.holds(self.default):
            raise ValueError(f"`default` must be a value of the space. Received: default={self.default!r}.")
        return self


def is_dimension(value: Any) -> bool:
    """Tells whether what stands in an experiment in a setting's place is meant as a dimension."""
    return isinstance(value, dict) and bool(value.keys() & set(_KINDS)) and value.keys() <= _KEYS


def placeholder(value: Mapping[str, Any]) -> Any:
    """Returns what stands for a dimension outside the search, of one that may yet be refused."""
    if value.get("default") is not None:
        return value["default"]
    [listed] = [value[kind] for kind in _KINDS if kind in value][:1]
    if not isinstance(listed, list | tuple) or not listed:
        return None
    return None if isinstance(listed[0], float) and math.isnan(listed[0]) else listed[0]
