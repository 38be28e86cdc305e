"""Arithmetic, geometric and harmonic mean over classes, exact to the last digit; None of no value."""

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float | None:
    """Returns the arithmetic mean, summed without rounding."""
    return math.fsum(values) / len(values) if values else None


def geometric_mean(values: Sequence[float]) -> float | None:
    """Returns the geometric mean of numbers >= 0, which is 0 as soon as one of them is.

    The logarithms are summed without rounding, which `scipy.stats.gmean` does not: the last digits differ.

    Reference:
        Of recalls: Kubat and Matwin (1997), Addressing the curse of imbalanced training sets.
    """
    if not values or min(values) == 0:
        return 0.0 if values else None
    return math.exp(math.fsum(math.log(value) for value in values) / len(values))


def harmonic_mean(values: Sequence[float]) -> float | None:
    """Returns the harmonic mean of numbers >= 0, which is 0 as soon as one of them is."""
    if not values or min(values) == 0:
        return 0.0 if values else None
    return len(values) / math.fsum(1 / value for value in values)
