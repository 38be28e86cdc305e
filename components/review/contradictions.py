"""Contradictions: records of equal content, or images that look alike, under different classes."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from components.stratified_example_gen.images.near_duplicates import near_duplicates


@dataclass(frozen=True)
class Contradictions:
    """What contradicts the labels.

    Attributes:
        score: float64 `(records,)` in [0, 1), share of a record and those like it that stand under another class than it;
            0 where its own class is the commonest of them.
        suggested: int64 `(records,)`, the commonest other class among them; the label where the score is 0.
        partner: int64 `(records,)`, the first record like it of that class; -1 where the score is 0.
    """

    score: np.ndarray
    suggested: np.ndarray
    partner: np.ndarray


def find_contradictions(labels: np.ndarray, contents: np.ndarray, hashes: np.ndarray) -> Contradictions:
    """Finds the records that others like them contradict.

    Two records are alike where their contents are equal, and their images, where they have any, look alike (see
    near_duplicates). Of two that contradict each other both are named: which of them is wrong nothing here can tell.

    Args:
        labels: Class indices, int `(records,)`.
        contents: uint64 `(records,)`, equal for records whose columns are equal.
        hashes: uint64 `(records,)`, what the images look like; empty where there are none.
    """
    size = len(labels)
    if not size:
        return Contradictions(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))
    groups = np.unique(contents, return_inverse=True)[1].reshape(-1)
    num_classes = int(labels.max()) + 1
    alike = None if not len(hashes) else _neighbours(groups, hashes)
    if alike is None:
        of_group = np.zeros((int(groups.max()) + 1, num_classes))
        np.add.at(of_group, (groups, labels), 1)
        counts = of_group[groups]
    else:
        counts = (
            alike @ csr_matrix((np.ones(size), (np.arange(size), labels)), (size, num_classes))
        ).toarray()
    rows = np.arange(size)
    own = counts[rows, labels]
    others = counts.copy()
    others[rows, labels] = -1
    suggested = others.argmax(axis=1)
    contradicted = (others[rows, suggested] >= own) & (others[rows, suggested] > 0)
    suggested = np.where(contradicted, suggested, labels)
    partner = np.full(size, -1)
    if alike is None:
        codes, first = np.unique(groups * num_classes + labels, return_index=True)
        like = groups[contradicted] * num_classes + suggested[contradicted]
        partner[contradicted] = first[np.searchsorted(codes, like)]
    else:
        for row in np.flatnonzero(contradicted):
            near = alike.indices[alike.indptr[row] : alike.indptr[row + 1]]
            partner[row] = near[labels[near] == suggested[row]].min()
    return Contradictions(np.where(contradicted, 1 - own / counts.sum(axis=1), 0.0), suggested, partner)


def _neighbours(groups: np.ndarray, hashes: np.ndarray) -> csr_matrix:
    """Returns which images look alike, each like itself."""
    pairs = near_duplicates(hashes)
    pairs = pairs[groups[pairs[:, 0]] == groups[pairs[:, 1]]]
    own = np.arange(len(hashes))
    first = np.concatenate([own, pairs[:, 0], pairs[:, 1]])
    second = np.concatenate([own, pairs[:, 1], pairs[:, 0]])
    return coo_matrix((np.ones(len(first)), (first, second)), (len(hashes), len(hashes))).tocsr()
