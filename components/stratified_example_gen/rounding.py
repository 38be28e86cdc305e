"""Finds what float32, in which tf.Examples hold numbers, does to a column: values that differ may become one."""

import math
import struct

# Of a piece of the data; what these show holds for the rest.
_MOST_CHECKED = 1000
_FLOAT32 = struct.Struct("<f")
_LONGEST = 40  # Digits; more than the largest float32 has.
_BITS = 24  # Of float32's significand.


def as_float32(value: float) -> float:
    """Returns the float32 nearest to a value within its range."""
    return float(_FLOAT32.unpack(_FLOAT32.pack(value))[0])


def spacing(value: float) -> float:
    """Returns the distance between neighbouring float32 values at a value."""
    return math.ldexp(1.0, max(math.frexp(value)[1], -125) - _BITS)


def _exactly(plain: str, value: float) -> float | int:
    """Returns a number's value; float64 itself does not tell apart whole numbers of many digits."""
    digits = plain.lstrip("+-")
    return int(plain) if abs(value) >= 2.0**53 and digits.isdigit() and len(digits) <= _LONGEST else value


class Rounding:
    """Looks at the first different values of a piece of a column for those that are one in float32.

    Attributes:
        checked: How many different values were looked at.
        merged: How many of them are one with another in float32.
        first_merged: The first two that are one, as text, or None.
    """

    def __init__(self) -> None:
        self.checked = 0
        self.merged = 0
        self.first_merged: tuple[str, str] | None = None
        self._seen: dict[float, set[float | int]] = {}

    @property
    def is_full(self) -> bool:
        """Whether enough was looked at."""
        return self.checked >= _MOST_CHECKED

    def add(self, plain: str, value: float) -> None:
        """Looks at a number, given as plain text too."""
        alike = self._seen.setdefault(as_float32(value), set())
        exact = _exactly(plain, value)
        if exact in alike:
            return
        if alike:
            self.merged += 1
            self.first_merged = self.first_merged or (repr(min(alike)), repr(exact))
        alike.add(exact)
        self.checked += 1
