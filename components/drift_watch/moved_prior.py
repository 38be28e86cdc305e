"""Test for class shares that moved away from those a model assumes, and the shares to set."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from components.drift_watch.prior_estimate import PriorEstimate
from components.evaluation.intervals import NORMAL_95

_LEAST_SHARE = 1e-4
_DIGITS = 4


def moved_classes(assumed: np.ndarray, estimates: Sequence[PriorEstimate], max_ratio: float) -> np.ndarray:
    """Tells which classes' shares moved: by enough to matter, and not by chance.

    By every estimate, the share lies more than `max_ratio` times above or below the assumed one, on the same side,
    and its interval leaves the assumed one out. The intervals are widened for the number of classes (Bonferroni),
    so that all classes together give a false alarm as rarely as one. Estimates rest on different assumptions;
    where one of them alone sees a move, its assumption may be what fails.

    Args:
        assumed: Class shares that the model assumes, float `(classes,)`, above 0.
        estimates: One or more.
        max_ratio: Above 1.

    Returns:
        Bool `(classes,)`.
    """
    widening = norm.ppf(1 - 0.025 / len(assumed)) / NORMAL_95
    sides = []
    for estimate in estimates:
        ratios = estimate.shares / assumed
        far = (ratios > max_ratio) | (ratios < 1 / max_ratio)
        sides.append(np.where(far, estimate.leaves_out(assumed, widening), 0))
    return np.all(np.array(sides) == 1, axis=0) | np.all(np.array(sides) == -1, axis=0)


def prior_to_set(shares: np.ndarray) -> np.ndarray:
    """Rounds shares to what `decision.prior` takes: each above 0, with a sum of 1, `(classes,)`."""
    rounded = np.maximum(np.round(shares, _DIGITS), _LEAST_SHARE)
    # The commonest class has room for what rounding leaves over.
    rounded[np.argmax(rounded)] += 1 - rounded.sum()
    return np.round(rounded, _DIGITS)
