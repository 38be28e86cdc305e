"""Description of the decision `unknown`, and the file beside the model that holds means and covariances."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unlikeness import Unlikeness
from core.documents.unknown import UnknownFigures

UNLIKENESS_FILE = os.path.join("assets.extra", "unlikeness.npz")
_FORMULA = (
    "mean over networks of min_k sqrt((z - m_k)' S^-1 (z - m_k) / (1 + 1 / n_k)) / u, z = (x / |x|, log |x|) of the embedding "
    "x, m_k its mean over the n_k records of class k, S the classes' covariance, u the median of held-out records"
)


def describe_unknown(unknown: Unknown, classes: Sequence[str]) -> UnknownFigures:
    """Says what is called unknown.

    Args:
        unknown: What is fitted.
        classes: Names in index order.
    """
    low, middle, high = unknown.spread.tolist()
    fifth, median, last = np.quantile(unknown.held_out, [0.05, 0.5, 0.95]).tolist()
    return UnknownFigures(
        formula=_FORMULA,
        max_false_alarm=unknown.max_false_alarm,
        threshold=unknown.threshold,
        threshold_spread=(low, middle, high),
        false_alarm=unknown.false_alarm,
        held_out=len(unknown.held_out),
        held_out_quantiles=(fifth, median, last),
        trained_on=dict(zip(classes, unknown.trained_on.tolist(), strict=True)),
        networks=len(unknown.unlikeness.distances),
        shrinkage=tuple(one.shrinkage for one in unknown.unlikeness.distances),
        measure=unknown.unlikeness.digest,
    )


def write_unlikeness(unlikeness: Unlikeness, folder: str, files: Any) -> None:
    """Writes the file beside a model, for whoever holds the model against it.

    Args:
        unlikeness: What is fitted.
        folder: Of the SavedModel.
        files: Opens files, as TFX's fileio does.
    """
    path = os.path.join(folder, UNLIKENESS_FILE)
    files.makedirs(os.path.dirname(path))
    with files.open(path, "wb") as handle:
        handle.write(unlikeness.to_bytes())


def read_unlikeness(folder: str, files: Any) -> Unlikeness:
    """Reads the file beside a model."""
    with files.open(os.path.join(folder, UNLIKENESS_FILE), "rb") as handle:
        return Unlikeness.from_bytes(handle.read())
