"""Compares `unlikeness` and `unknown` of a served model with those of the Python model's embedding."""

from collections.abc import Mapping

import numpy as np

OUTPUTS = ("unlikeness", "unknown")


def wrong_unknown(
    outputs: Mapping[str, np.ndarray], due: np.ndarray, threshold: float, tolerance: float
) -> dict[str, np.ndarray]:
    """Returns by output where it is not what is due, bool `(n,)`.

    Args:
        outputs: What the model answers, both outputs among it.
        due: Unlikeness by the Python model's embedding, float `(n,)`.
        threshold: Of the unlikeness.
        tolerance: Most that an unlikeness may be off, as a share of it where it is above 1. What is just as near to the
            threshold may be called unknown or not.
    """
    served = outputs["unlikeness"].astype(np.float64)
    finite = np.isfinite(due)
    known = np.where(finite, due, 0.0)
    near = tolerance * np.maximum(1.0, np.abs(known))
    off = np.abs(np.where(finite, served, 0.0) - known)
    alike = (served == due) | (np.isnan(served) & np.isnan(due))
    cannot_tell = finite & (np.abs(due - threshold) <= near)
    return {
        "unlikeness": np.where(finite, ~(off <= near), ~alike),
        "unknown": ~cannot_tell & (outputs["unknown"] != ~(due <= threshold)),
    }
