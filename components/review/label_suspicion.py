"""Labels that are probably wrong: held-out answers and places among the embeddings, taken together."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from components.review.confident_learning import confidence_evidence, confident_classes
from components.review.prototype_distance import prototype_evidence


@dataclass(frozen=True)
class Suspicion:
    """What speaks against the labels.

    Attributes:
        score: float64 `(records,)` in [0, 1], share of the evidence that is for other classes; 0 for a record without
            a held-out answer.
        suggested: int64 `(records,)`, the class that most of it is for; the label where that is the likeliest.
        confident: bool `(records,)`, whether the held-out answer is confidently counted as another class.
        nearest: int64 `(records,)`, the class whose prototype is nearest; -1 where no embeddings are given.
    """

    score: np.ndarray
    suggested: np.ndarray
    confident: np.ndarray
    nearest: np.ndarray


def suspect_labels(
    probabilities: np.ndarray,
    labels: np.ndarray,
    sources: np.ndarray,
    embeddings: np.ndarray | None = None,
) -> Suspicion:
    """Weighs what speaks against each label.

    For record i and class j the evidence is `log(p_ij) - log(t_j) / 2`, a held-out answer beside what is usual for the
    class (see confident_learning), plus the log share of its nearness to the class's prototype (see prototype_distance).
    The score is 1 less the label's share of it, after normalising over the classes. Prototypes trust each label as far as
    its held-out answer does.

    Args:
        probabilities: Held-out float `(records, classes)`; rows without an answer hold anything.
        labels: Class indices, int `(records,)`.
        sources: int `(records,)`, which model answered: answers of one are compared with each other alone; -1 for a
            record that no model answered which was not trained on it.
        embeddings: float `(records, units)`, or None to go by the answers alone.
    """
    num_classes = probabilities.shape[1]
    evidence = np.full((len(labels), num_classes), -np.inf)
    confident = np.zeros(len(labels), bool)
    for source in np.unique(sources[sources >= 0]):
        rows = np.flatnonzero(sources == source)
        evidence[rows] = confidence_evidence(probabilities[rows], labels[rows])
        counted = confident_classes(probabilities[rows], labels[rows])
        confident[rows] = (counted >= 0) & (counted != labels[rows])
    answered = np.flatnonzero(sources >= 0)
    score, suggested = np.zeros(len(labels)), labels.astype(np.int64).copy()
    nearest = np.full(len(labels), -1)
    if not len(answered):
        return Suspicion(score, suggested, confident, nearest)
    trust = np.ones(len(labels))
    trust[answered] = _label_shares(evidence[answered], labels[answered])
    if embeddings is not None:
        near = prototype_evidence(embeddings, labels, trust)
        evidence[:, : near.shape[1]] += near
        nearest = np.argmax(near, axis=1)
    score[answered] = 1 - _label_shares(evidence[answered], labels[answered])
    suggested[answered] = np.argmax(evidence[answered], axis=1)
    return Suspicion(score, suggested, confident, nearest)


def _label_shares(evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the label's share of the evidence, float64 `(records,)` in [0, 1]."""
    own = evidence[np.arange(len(labels)), labels]
    shares: np.ndarray = np.exp(own - logsumexp(evidence, axis=1))
    return shares
