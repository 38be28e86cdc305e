"""Class shares of unlabelled records out of a model's decisions and its mistakes on labelled ones."""

import numpy as np
from scipy.optimize import nnls

# Below it two classes are decided so alike that no decision tells them apart.
_SMALLEST_SINGULAR_VALUE = 1e-3
# Of the equation that the shares sum to 1, against those of the decisions, which are measured.
_SUM_WEIGHT = 100.0


def black_box_prior(confusion: np.ndarray, decided: np.ndarray) -> np.ndarray | None:
    """Estimates class shares from how often each class is decided for.

    With R_cd, the share of class c's records that are decided as d, the decisions fall on class d with share
    m_d = Σ_c q_c R_cd; the shares q come of these equations by least squares, at least 0 and with a sum of 1. For
    two classes with a true and a false positive rate: q = (m - FPR) / (TPR - FPR), cut off at 0 and 1.
    It presumes that a class's records are decided as they were, but not that probabilities are calibrated.

    Reference:
        Lipton, Wang and Smola (2018), "Detecting and correcting for label shift with black box predictors",
        https://arxiv.org/abs/1802.03916

    Args:
        confusion: Counts (or shares) of labelled records by class (row) and decision, `(classes, classes)`.
        decided: Counts of new records by decision, `(classes,)`, with a sum above 0.

    Returns:
        Shares, float64 `(classes,)`; None where a class has no labelled records, or where the decisions do not
        tell every class apart, as where one is never decided for.
    """
    support = confusion.sum(axis=1, keepdims=True)
    if not support.all():
        return None
    rates = confusion / support
    if np.linalg.svd(rates, compute_uv=False)[-1] < _SMALLEST_SINGULAR_VALUE:
        return None
    equations = np.vstack([rates.T, np.full(len(rates), _SUM_WEIGHT)])
    shares, _ = nnls(equations, np.append(decided / decided.sum(), _SUM_WEIGHT))
    return shares / shares.sum()
