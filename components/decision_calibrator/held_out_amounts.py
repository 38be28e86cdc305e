"""Amounts of the held-out records that a decision is fitted on."""

from collections.abc import Sequence

import numpy as np

from components.amounts import split_amounts
from components.decision_calibrator.record_costs import unfit_amounts
from components.decision_calibrator.settings import DecisionSettings
from core.errors import InputError
from core.printable import listed, printable

_SHOWN = 5


def eval_amounts(
    settings: DecisionSettings, split_uri: str, label: str, classes: Sequence[str]
) -> np.ndarray | None:
    """Reads the amounts of the records of a split, in the order of `predict_split`.

    Args:
        settings: Of the decision.
        split_uri: Folder of gzipped TFRecord shards.
        label: Feature of the class's name.
        classes: Records of others are left out.

    Returns:
        Float64 `(n, columns)`; None where costs depend on no column.

    Raises:
        InputError: A record has no amount that a cost can be made of.
    """
    if settings.costs is None or not settings.costs.columns:
        return None
    keys, labels, amounts = split_amounts([split_uri], settings.costs.columns, label)
    known = np.isin(labels, classes) if labels else np.zeros(0, bool)
    kept = np.flatnonzero(known)
    _require_fit([keys[row] for row in kept], amounts[kept], settings.costs.columns)
    return amounts[kept]


def amounts_by_key(
    settings: DecisionSettings, split_uris: Sequence[str], label: str, keys: Sequence[str]
) -> np.ndarray | None:
    """Reads the amounts of records by their keys, of answers out of fold; see `eval_amounts`."""
    if settings.costs is None or not settings.costs.columns:
        return None
    found, _, amounts = split_amounts(split_uris, settings.costs.columns, label)
    place = {key: row for row, key in enumerate(found)}
    ordered = amounts[[place[key] for key in keys]]
    _require_fit(keys, ordered, settings.costs.columns)
    return ordered


def _require_fit(keys: Sequence[str], amounts: np.ndarray, columns: Sequence[str]) -> None:
    unfit = unfit_amounts(amounts)
    for place, name in enumerate(columns):
        rows = np.flatnonzero(unfit[:, place])
        if len(rows):
            shown = [f"{printable(keys[row])} ({amounts[row, place]:g})" for row in rows[:_SHOWN]]
            raise InputError(
                f"decision.costs: column {name!r} has no amount of at least 0 in {len(rows):,} of {len(keys):,} held-out "
                f"records, among them {listed(shown)}. Fill in the amounts, or leave such records out of the data."
            )
