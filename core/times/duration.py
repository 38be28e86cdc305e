"""Durations as an experiment has them: `7d`, `12h`, `30min`."""

import re
from fractions import Fraction

from core.times.written import DAY, SECOND

_UNITS = {"s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND, "d": DAY, "w": 7 * DAY}
_DURATION = re.compile(r"\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")
# A thousand years; more is a slip, and int64 holds no 300,000.
_LONGEST = 365_250 * DAY


def parse_duration(text: str) -> int:
    """Reads a duration, in microseconds.

    Args:
        text: A number and a unit: s, min, h, d or w.

    Raises:
        ValueError: It is none, it is negative, or longer than a thousand years.
    """
    match = _DURATION.fullmatch(text)
    if match is None or match[2] not in _UNITS:
        raise ValueError(
            f"Expected a number with one of the units {', '.join(_UNITS)}, as in 7d, 12h or 30min. Received: {text!r}"
        )
    # Of a fraction, as 0.1 is none that binary numbers hold.
    duration = int(Fraction(match[1]) * _UNITS[match[2]])
    if duration < 0 or duration > _LONGEST:
        raise ValueError(f"Expected a duration from 0 to a thousand years. Received: {text!r}")
    return duration


def written_duration(duration: int) -> str:
    """Writes a duration in the largest unit that it is a whole number of, as in `7d`.

    Args:
        duration: In microseconds.
    """
    for unit in ("d", "h", "min", "s"):
        if duration % _UNITS[unit] == 0:
            return f"{duration // _UNITS[unit]}{unit}"
    return f"{duration / SECOND:g}s"
