"""imbalanced-learn's samplers, with a note of the records that each new one was made of.

The samplers draw parents and forget them. Each subclass here listens where its sampler hands the drawn
positions on, and leaves the drawing as it is.
"""

from typing import Any

import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE, SMOTEN, SMOTENC, SVMSMOTE, BorderlineSMOTE
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state


class _Noting:
    """Notes the parents of every new row, int `(rows, 2)`, in `parents_`, one array for each drawing."""

    parents_: list[np.ndarray]

    def _fit_resample(self, X: Any, y: np.ndarray) -> Any:
        self.parents_, self._labels = [], y
        return super()._fit_resample(X, y)  # type: ignore[misc]

    def _generate_samples(
        self,
        X: Any,
        nn_data: Any,
        nn_num: Any,
        rows: Any,
        cols: Any,
        steps: Any,
        y_type: Any = None,
        y: Any = None,
    ) -> Any:
        members = np.flatnonzero(self._labels == y_type)
        first = self._bases(y_type, members)[rows]
        self.parents_.append(np.stack([first, members[nn_num[rows, cols]]], axis=1))
        return super()._generate_samples(X, nn_data, nn_num, rows, cols, steps, y_type, y)  # type: ignore[misc]

    def _bases(self, label: int, members: np.ndarray) -> np.ndarray:
        """Returns the positions of the rows that are drawn from."""
        return members


class NotingSMOTE(_Noting, SMOTE):
    """SMOTE; each new row lies between its two parents."""


class NotingSMOTENC(_Noting, SMOTENC):
    """SMOTE-NC; the numbers lie between the two parents, a category is the commonest of the first's neighbours'."""


class DenseNeighbors(NearestNeighbors):
    """Searches dense rows.

    SMOTE-NC hands over sparse ones, among which the search is many times slower. Only between rows that are
    equally far may it choose another.
    """

    def fit(self, X: Any, y: Any = None) -> Any:
        return super().fit(_dense(X), y)

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        return super().kneighbors(_dense(X), n_neighbors, return_distance)


def _dense(X: Any) -> Any:
    return X.toarray() if sparse.issparse(X) else X


class NotingBorderlineSMOTE(_Noting, BorderlineSMOTE):
    """Borderline-SMOTE 1; the first parent is in danger."""

    def _bases(self, label: int, members: np.ndarray) -> np.ndarray:
        return self.in_danger_indices[label]


class NotingSVMSMOTE(_Noting, SVMSMOTE):
    """SVM-SMOTE; the first parent is a support vector, and where it is safe the new row lies beyond it."""

    def _in_danger_noise(
        self, nn_estimator: Any, samples: Any, target_class: int, y: np.ndarray, kind: str = "danger"
    ) -> np.ndarray:
        found = super()._in_danger_noise(nn_estimator, samples, target_class, y, kind)
        if kind == "noise":
            support = self.svm_estimator_.support_
            self._support = support[y[support] == target_class][~found]
        else:
            self._danger, self._safe = self._support[found], self._support[~found]
        return found

    def _make_samples(self, *args: Any, step_size: float = 1.0, **options: Any) -> Any:
        # The sampler tells the two drawings apart by the step, which is negative away from the border.
        self._drawn_from = self._danger if step_size > 0 else self._safe
        return super()._make_samples(*args, step_size=step_size, **options)

    def _bases(self, label: int, members: np.ndarray) -> np.ndarray:
        return self._drawn_from


class NotingSMOTEN(SMOTEN):
    """SMOTE-N; the parents are the drawn row's neighbours, itself among them, whose categories are counted."""

    parents_: list[np.ndarray]

    def _fit_resample(self, X: Any, y: np.ndarray) -> Any:
        self.parents_, self._labels = [], y
        return super()._fit_resample(X, y)

    def _make_samples(
        self, X_class: np.ndarray, klass: int, y_dtype: Any, nn_indices: np.ndarray, n_samples: int
    ) -> Any:
        # The same draw as in imbalanced-learn, which starts the same generator for every class.
        drawn = check_random_state(self.random_state).choice(
            np.arange(len(X_class)), size=n_samples, replace=True
        )
        voters = nn_indices[drawn]
        # The drawn row leads; among many equal rows the search may have left it out, and an equal one leads.
        order = np.argsort(voters != drawn[:, np.newaxis], axis=1, kind="stable")
        members = np.flatnonzero(self._labels == klass)
        self.parents_.append(members[np.take_along_axis(voters, order, axis=1)])
        return super()._make_samples(X_class, klass, y_dtype, nn_indices, n_samples)


class NotingADASYN(ADASYN):
    """ADASYN; each new row lies between its two parents.

    `random_state` is an integer, `n_neighbors` too.
    """

    def _fit_resample(self, X: Any, y: np.ndarray) -> Any:
        options = self.get_params()
        seed, neighbors = options["random_state"], options["n_neighbors"]
        random, searches = _NotingRandom(seed), _NotingNeighbors(n_neighbors=neighbors + 1)
        self.set_params(random_state=random, n_neighbors=searches)
        try:
            resampled = super()._fit_resample(X, y)
        finally:
            self.set_params(random_state=seed, n_neighbors=neighbors)
        asked = [(label, size) for label, size in self.sampling_strategy_.items() if size]
        among_all, among_own = self.nn_.found[::2], self.nn_.found[1::2]
        self.parents_ = []
        for (label, size), near, own, columns in zip(
            asked, among_all, among_own, random.choices, strict=True
        ):
            # Rows are drawn in proportion to their neighbours of other classes (He et al. 2008).
            foreign = np.sum(y[near] != label, axis=1) / neighbors
            rows = np.repeat(np.arange(len(own)), np.rint(foreign / np.sum(foreign) * size).astype(int))
            members = np.flatnonzero(y == label)
            self.parents_.append(np.stack([members[rows], members[own[rows, columns]]], axis=1))
        return resampled


class _NotingRandom(np.random.RandomState):
    """Notes what was chosen."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.choices: list[np.ndarray] = []

    def choice(self, *args: Any, **options: Any) -> Any:
        self.choices.append(super().choice(*args, **options))
        return self.choices[-1]


class _NotingNeighbors(NearestNeighbors):
    """Notes the neighbours found, without the row itself."""

    def kneighbors(self, *args: Any, **options: Any) -> Any:
        indices = super().kneighbors(*args, **options)
        self.found = [*getattr(self, "found", []), indices[:, 1:]]
        return indices
