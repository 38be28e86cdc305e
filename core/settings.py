"""Base of all settings."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

_TOO_LARGE = 2**63  # For int64, in which TensorFlow and Arrow count.


class Settings(BaseModel):
    """Frozen, without unknown keys, and without numbers that nothing can be computed with."""

    # A NaN learning rate would pass no bound and still be accepted without allow_inf_nan.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _numbers_fit(cls, value: Any) -> Any:
        # Those inside a table of arguments, which may hold anything, as well.
        for number in _numbers(value):
            if isinstance(number, int) and abs(number) >= _TOO_LARGE:
                raise ValueError("Expected whole numbers of at most 18 digits.")
            if not math.isfinite(number):
                raise ValueError(f"Expected finite numbers. Received: {number}")
        return value


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner)
