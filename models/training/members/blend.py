"""Share of the network beside trees, fitted on records that neither was trained on."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import average_precision_score

# Strength of the pull towards even shares, in records on either side: few records say little of the better one.
_EVEN_RECORDS = 10.0


@dataclass(frozen=True)
class BlendFigures:
    """What network and trees come to on held-out records, alone and together.

    Attributes:
        network_share: Weight of the network's probabilities in [0, 1]; the trees' is what is left.
        is_fitted: Whether it was chosen by the log loss of these records, and not given.
        log_loss: Mean negative log-likelihood of the records, by `network`, `trees` and `together`.
        average_precision: That of the rarest class, by the same; None where it has no record.
        records: Number of records.
    """

    network_share: float
    is_fitted: bool
    log_loss: dict[str, float]
    average_precision: dict[str, float | None]
    records: int


def network_share(network: np.ndarray, trees: np.ndarray, labels: np.ndarray) -> float:
    """Chooses the weight w of the network in w p + (1 - w) q by the log loss of held-out records.

    With a pull towards even shares, which is the prior Beta(a + 1, a + 1) on w: what is least is

        - sum_i log(w p_i + (1 - w) q_i) - a log w - a log(1 - w)

    where p_i and q_i are what both give to the true class of record i.

    Args:
        network: Log-probabilities, float `(records, classes)`.
        trees: As many.
        labels: Class indices, int `(records,)`.

    Returns:
        The weight, in (0, 1).
    """
    rows = np.arange(len(labels))
    of_network, of_trees = (answers[rows, labels].astype(np.float64) for answers in (network, trees))

    def loss(share: float) -> float:
        log_share, log_rest = np.log(share), np.log1p(-share)
        together = np.logaddexp(of_network + log_share, of_trees + log_rest)
        return float(-together.sum() - _EVEN_RECORDS * (log_share + log_rest))

    found = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded", options={"xatol": 1e-6})
    # No more digits than mean something: the least rounding of a sum moves the last of them.
    return round(float(found.x), 3)


def blend_figures(
    share: float,
    is_fitted: bool,
    network: np.ndarray,
    trees: np.ndarray,
    together: np.ndarray,
    labels: np.ndarray,
) -> BlendFigures:
    """Measures both alone and together on held-out records; further arguments as of `network_share`."""
    answers = {"network": network, "trees": trees, "together": together}
    counts = np.bincount(labels, minlength=network.shape[1])
    rarest = int(np.argmin(np.where(counts > 0, counts, np.iinfo(np.int64).max)))
    is_rarest = labels == rarest
    known = bool(is_rarest.any() and not is_rarest.all())
    rows = np.arange(len(labels))
    return BlendFigures(
        share,
        is_fitted,
        {name: -float(one[rows, labels].astype(np.float64).mean()) for name, one in answers.items()},
        {
            name: float(average_precision_score(is_rarest, one[:, rarest])) if known else None
            for name, one in answers.items()
        },
        len(labels),
    )
