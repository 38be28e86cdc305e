"""Class shares of unlabelled records by maximum likelihood, from a model's probabilities."""

import numpy as np

_MAX_ROUNDS = 2000
_TOLERANCE = 1e-7
_SMALLEST = 1e-30


def em_prior(
    probabilities: np.ndarray,
    assumed: np.ndarray,
    record_weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Estimates the class shares under which the records are most likely.

    Two steps take turns until the shares stay: the probabilities are moved to the shares q found so far,
    r_c(x) = q_c p_c(x) / π_c / Σ_j q_j p_j(x) / π_j, and the shares become the mean of r. It presumes that the
    probabilities are calibrated under the shares π, and that a class's records look as they did.

    Reference:
        Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori
        probabilities", https://doi.org/10.1162/089976602753284446

    Args:
        probabilities: The model's, float `(n, classes)`, n at least 1.
        assumed: Class shares π that the probabilities assume, float `(classes,)`, above 0.
        record_weights: How many records each stands for, `(n,)`; None counts each once.
        start: Shares to begin from, above 0; None begins from `assumed`.

    Returns:
        Shares, float64 `(classes,)`, at least 0, with a sum of 1.
    """
    likelihoods = np.maximum(probabilities, _SMALLEST) / assumed
    weights = np.ones(len(likelihoods)) if record_weights is None else record_weights
    weights = weights / weights.sum()
    shares = np.asarray(assumed if start is None else start, np.float64)
    for _ in range(_MAX_ROUNDS):
        before = shares
        # The weighted mean of r, without holding r.
        shares = shares * ((weights / (likelihoods @ shares)) @ likelihoods)
        shares = shares / shares.sum()
        if np.abs(shares - before).max() < _TOLERANCE:
            break
    return shares
