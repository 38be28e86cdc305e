"""Distance to class prototypes: what a record's place among the embeddings says against its label."""

import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import ledoit_wolf

_TEMPERATURES = np.geomspace(0.25, 1024, 25)
_COVARIANCE_RECORDS = 20_000
_LEAST_SPREAD = 1e-9


def prototype_evidence(embeddings: np.ndarray, labels: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Returns how near each record is to each class's prototype, as log shares.

    A network that has seen a wrong label often enough fits it, and a rare class's records have a large loss with right
    labels, too; a class's mean is moved little by few of its records. The prototype is the mean of a class's embeddings,
    each weighted by how far its label is trusted; distances are Mahalanobis distances in the covariance within classes
    (Ledoit and Wolf's, in which each class weighs the same), and a record is held against its class's prototype without
    itself (the only one of its class, at the usual distance). The log shares are `-distance^2 / (2 T)`, normalised over the classes, with the temperature T under which the
    labels are likeliest, each class weighing the same.

    Args:
        embeddings: float `(records, units)`.
        labels: Class indices, int `(records,)`.
        trust: float `(records,)` in [0, 1], weight of each record in its class's prototype; 1 where nothing is known.

    Returns:
        float64 `(records, classes)`, with as many classes as the highest label needs; minus infinity for a class that
        no record is labelled with. Where all embeddings are equal, every class has the same share.

    Reference:
        Wei, Shi, Tu, Li 2021, "Robust Long-Tailed Learning under Label Noise", https://arxiv.org/abs/2108.11569 (RoLT).
        Ledoit, Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices".
    """
    num_classes = int(labels.max()) + 1
    counts = np.bincount(labels, minlength=num_classes)
    present = np.flatnonzero(counts)
    embeddings = embeddings.astype(np.float64)
    spread = embeddings.std(axis=0)
    units = spread > _LEAST_SPREAD
    evidence = np.full((len(labels), num_classes), -np.inf)
    if not units.any():
        evidence[:, present] = -np.log(len(present))
        return evidence
    scaled = (embeddings[:, units] - embeddings[:, units].mean(axis=0)) / spread[units]
    # A class of which no label is trusted has all its records for a prototype.
    floor = 1e-3
    weights = np.maximum(trust, floor)
    totals = np.bincount(labels, weights, minlength=num_classes)
    sums = np.zeros((num_classes, scaled.shape[1]))
    np.add.at(sums, labels, scaled * weights[:, None])
    prototypes = sums / np.maximum(totals, floor)[:, None]
    whitened, whitened_prototypes = _whitened(scaled, prototypes, labels, weights, counts)
    distances = np.full((len(labels), num_classes), np.inf)
    for place in present:
        distances[:, place] = ((whitened - whitened_prototypes[place]) ** 2).sum(axis=1)
    rows = np.arange(len(labels))
    alone = counts[labels] == 1
    # What a class's mean is without one of its records: (x - m) becomes (x - m) W / (W - w).
    others = np.where(alone, 1, np.maximum(totals[labels] - weights, floor))
    distances[rows, labels] *= (totals[labels] / others) ** 2
    # The only record of a class is its prototype, which says nothing of it.
    if alone.any() and not alone.all():
        distances[rows[alone], labels[alone]] = np.median(distances[rows[~alone], labels[~alone]])
    balance = 1 / counts[labels]
    losses = [float((balance * -_log_shares(distances, one)[rows, labels]).sum()) for one in _TEMPERATURES]
    return _log_shares(distances, float(_TEMPERATURES[int(np.argmin(losses))]))


def _whitened(
    scaled: np.ndarray, prototypes: np.ndarray, labels: np.ndarray, weights: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Brings embeddings and prototypes to a space in which the covariance within classes is the unit matrix."""
    within = (scaled - prototypes[labels]) * np.sqrt(
        weights * len(labels) / (counts[labels] * (counts > 0).sum())
    )[:, None]
    step = -(-len(within) // _COVARIANCE_RECORDS)
    covariance, _ = ledoit_wolf(within[::step], assume_centered=True)
    values, vectors = np.linalg.eigh(covariance)
    turn = vectors / np.sqrt(np.maximum(values, _LEAST_SPREAD))
    return scaled @ turn, prototypes @ turn


def _log_shares(distances: np.ndarray, temperature: float) -> np.ndarray:
    shares = -distances / (2 * temperature)
    return shares - logsumexp(shares, axis=1, keepdims=True)
