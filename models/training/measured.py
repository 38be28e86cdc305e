"""The figures of an epoch that were measured."""

import math
from collections.abc import Mapping
from typing import Any


def measured(logs: Mapping[str, Any]) -> dict[str, float]:
    """Returns Keras's figures as floats, without NaN: some metrics are for evaluation alone."""
    figures = {name: float(value) for name, value in logs.items()}
    return {name: value for name, value in figures.items() if not math.isnan(value)}
