"""Records of five classes, the rarest one in a hundred, some of whose labels are wrong on purpose."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

SIZES = (3000, 1250, 500, 200, 50)


@dataclass(frozen=True)
class Planted:
    """Records with planted mistakes: embeddings, true classes, labels, and held-out probabilities of a classifier."""

    embeddings: np.ndarray
    truth: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        return self.truth != self.labels


def planted(seed: int, kind: str, distance: float) -> Planted:
    """Plants mistakes in a tenth of the labels: `random` ones, or those that take the nearest class for the right one."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 1, (len(SIZES), 10)) * distance / 2
    truth = np.repeat(np.arange(len(SIZES)), SIZES)
    rows = centres[truth] + random.normal(0, 1, (len(truth), 10))
    if kind == "random":
        other = (truth + random.integers(1, len(SIZES), len(truth))) % len(SIZES)
    else:
        apart = ((centres[:, None] - centres[None]) ** 2).sum(axis=-1)
        np.fill_diagonal(apart, np.inf)
        other = apart.argmin(axis=1)[truth]
    # Of each class exactly a tenth, or seeds would differ in how many rare ones there are to find.
    lot = random.random(len(truth))
    wrong = np.concatenate(
        [lot[truth == place].argsort().argsort() < size // 10 for place, size in enumerate(SIZES)]
    )
    labels = np.where(wrong, other, truth)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = LogisticRegression(max_iter=300)
    answers = cross_val_predict(model, rows, labels, cv=folds, method="predict_proba")
    return Planted(rows, truth, labels, answers)


def recall_by_class(found: np.ndarray, one: Planted) -> np.ndarray:
    """Returns the share of the mistakes found of each true class, float `(classes,)`."""
    hit = np.zeros(len(one.truth), bool)
    hit[found] = True
    return np.array([hit[one.wrong & (one.truth == place)].mean() for place in range(len(SIZES))])
