"""Formats numbers for people."""

import math
import re
from collections.abc import Sequence

from markupsafe import Markup

from core.documents.decision_scores import Rate

MISSING = "–"
# From here on nobody counts cents.
_LARGE_AMOUNT = 1000


def is_number(value: float | None) -> bool:
    """Tells whether there is a finite number to show."""
    return value is not None and math.isfinite(value)


def score(value: float | None) -> str:
    """Writes a score with three decimals and a true minus sign; a missing one is an en dash."""
    if value is None or not math.isfinite(value):
        return MISSING
    # Adding 0.0 turns the negative zero that rounding can leave into zero.
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")


def significant(value: float | None) -> str:
    """Writes a number of any size with four significant digits, a whole number in full; or an en dash."""
    if value is None or not math.isfinite(value):
        return MISSING
    if isinstance(value, int):
        return count(value).replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def count(value: int | None) -> str:
    """Writes a whole number with its thousands set apart, or an en dash."""
    return MISSING if value is None else f"{value:,}"


def counted(value: int, singular: str) -> str:
    """Writes a number of things: `1 record`, `1,200 records`."""
    return f"{count(value)} {singular}{'' if value == 1 else 's'}"


def interval(bounds: Sequence[float | None] | None) -> str:
    """Writes an interval as `0.429–0.702`; a missing one is an en dash."""
    if bounds is None or not all(is_number(bound) for bound in bounds):
        return MISSING
    return "–".join(score(bound) for bound in bounds)


def rate(value: Rate) -> str:
    """Writes a share with its interval as `0.571 (0.429–0.702)`; a missing one is an en dash."""
    if value.value is None:
        return MISSING
    return f"{score(value.value)} ({interval((value.low, value.high))})"


def amount(value: float | None) -> str:
    """Writes an amount of money: two decimals below 1,000, whole from there on, thousands set apart; or an en dash."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _amount(value, is_large=abs(value) >= _LARGE_AMOUNT)


def _amount(value: float, is_large: bool) -> str:
    text = f"{value:,.0f}" if is_large else f"{round(value, 2) + 0.0:,.2f}"
    return text.replace("-", "−")


def amount_rate(value: Rate) -> str:
    """Writes an amount with its interval as `1,234 (1,101 to 1,380)`; a missing one is an en dash."""
    if value.value is None:
        return MISSING
    is_large = abs(value.value) >= _LARGE_AMOUNT
    low, high = (MISSING if end is None else _amount(end, is_large) for end in (value.low, value.high))
    return f"{_amount(value.value, is_large)} ({low} to {high})"


def share_rate(value: Rate) -> str:
    """Writes a share that may be below 0 as `50 % (−3 % to 72 %)`; a missing one is an en dash."""
    if value.value is None:
        return MISSING

    def written(part: float | None) -> str:
        return MISSING if part is None else f"{100 * part:.0f}\N{NO-BREAK SPACE}%".replace("-", "−")

    return f"{written(value.value)} ({written(value.low)} to {written(value.high)})"


def share(value: float | None) -> str:
    """Writes a share in per cent, see `percent`; a missing one is an en dash."""
    return MISSING if value is None else percent(value, 1)


def percent(part: float, whole: float) -> str:
    """Writes a share in per cent: one decimal, two below 1 %, and two significant digits below 0.01 %."""
    if not whole:
        return MISSING
    value = 100 * part / whole
    form = ".1f" if value >= 1 or value == 0 else ".2f" if value >= 0.01 else ".2g"
    return f"{value:{form}}\N{NO-BREAK SPACE}%"


def breakable(key: str) -> Markup:
    """Writes a dotted key so that a narrow column breaks it after its dots and underscores alone."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])", key))
