"""Numbers that no settings take."""

from typing import Any

import pytest
from pydantic import Field

from core.settings import Settings


class Own(Settings):
    count: int = 0
    rate: float = 0.0
    config: dict[str, Any] = Field(default_factory=dict)
    sizes: tuple[int, ...] = ()


@pytest.mark.parametrize(
    "given",
    [
        {"rate": float("inf")},
        {"rate": "nan"},
        {"rate": "1e999"},
        {"config": {"delta": float("inf")}},
        {"config": {"all": [1, {"delta": float("nan")}]}},
        {"count": 2**63},
        {"count": -(2**63)},
        {"count": "9" * 4_000},
        {"count": "9" * 5_000},
        {"sizes": (1, 10**30)},
        {"config": {"delta": 10**4_000}},
    ],
)
def test_what_cannot_be_computed_with_is_refused(given):
    with pytest.raises(ValueError, match=next(iter(given))):
        Own(**given)


def test_the_largest_numbers_are_taken():
    own = Own(count=2**63 - 1, rate=1.7e308, config={"flag": True, "text": "inf", "none": None})
    assert own.count == 2**63 - 1
