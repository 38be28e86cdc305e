"""Estimators of the contenders: what a person would try who has a table and an afternoon."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import imblearn
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from components.contenders.settings import ContenderName

# Gradient boosting tells no more apart; what is beyond counts as one category.
MOST_CATEGORIES = 255
_ITERATIONS = 1000


@dataclass(frozen=True)
class Contender:
    """An estimator and what its probabilities assume.

    Attributes:
        estimator: With scikit-learn's `fit` and `predict_proba`.
        assumes_balance: Whether it learns as if all classes were alike common.
    """

    estimator: Any
    assumes_balance: bool


def table_matrix(numeric: np.ndarray, categorical: np.ndarray) -> np.ndarray:
    """Joins columns into what the estimators take, float32 `(n, columns)`, categories last.

    Indices of categories are those of the vocabulary, the commonest first; from the 255th on they are one.

    Args:
        numeric: Float `(n, numeric columns)`.
        categorical: Int `(n, categorical columns)`.
    """
    return np.concatenate([numeric, np.minimum(categorical, MOST_CATEGORIES - 1)], axis=1, dtype=np.float32)


def make_contender(
    name: ContenderName, num_numeric: int, num_categorical: int, counts: np.ndarray, seed: int
) -> Contender:
    """Makes a contender with the defaults of its library.

    `logistic_regression` standardises numbers and gives each category a column of its own;
    `gradient_boosting`, `weighted_gradient_boosting` (class_weight="balanced") and `balanced_random_forest` take
    the matrix as it is, the forest with categories as numbers; `linear_probe` is a logistic regression,
    class_weight="balanced", over standardised embeddings.

    References:
        Chen, Liaw and Breiman (2004), "Using random forest to learn imbalanced data";
        Ke et al. (2017), "LightGBM: a highly efficient gradient boosting decision tree", for the histograms.

    Args:
        name: Of a contender.
        num_numeric: The matrix's first columns are numbers,
        num_categorical: and its last are categories.
        counts: Train records of each class, int `(classes,)`.
        seed: Decides everything random.
    """
    matrix = MatrixFacts(num_numeric, num_categorical, counts, seed)
    return _CONTENDERS[name](matrix)


@dataclass(frozen=True)
class MatrixFacts:
    """Facts of the train matrix that estimators are made for; see make_contender."""

    num_numeric: int
    num_categorical: int
    counts: np.ndarray
    seed: int

    @property
    def columns(self) -> tuple[slice, slice]:
        """The numbers and the categories."""
        end = self.num_numeric + self.num_categorical
        return slice(0, self.num_numeric), slice(self.num_numeric, end)


def _majority(matrix: MatrixFacts) -> Contender:
    return Contender(DummyClassifier(strategy="prior"), assumes_balance=False)


def _linear_probe(matrix: MatrixFacts) -> Contender:
    probe = LogisticRegression(class_weight="balanced", max_iter=_ITERATIONS)
    return Contender(make_pipeline(StandardScaler(), probe), assumes_balance=True)


def _logistic_regression(matrix: MatrixFacts) -> Contender:
    numbers, categories = matrix.columns
    parts = [
        ("numeric", StandardScaler(), numbers),
        ("categorical", OneHotEncoder(handle_unknown="ignore"), categories),
    ]
    # Neither of them takes a matrix without columns.
    columns = ColumnTransformer([part for part in parts if part[2].stop > part[2].start])
    plain = LogisticRegression(max_iter=_ITERATIONS)
    return Contender(make_pipeline(columns, plain), assumes_balance=False)


def _balanced_random_forest(matrix: MatrixFacts) -> Contender:
    forest = imblearn.ensemble.BalancedRandomForestClassifier(
        sampling_strategy="all", replacement=True, bootstrap=False, random_state=matrix.seed
    )
    return Contender(forest, assumes_balance=True)


def _gradient_boosting(matrix: MatrixFacts, weighted: bool = False) -> Contender:
    _, categories = matrix.columns
    boosting = HistGradientBoostingClassifier(
        categorical_features=list(range(categories.start, categories.stop)) or None,
        class_weight="balanced" if weighted else None,
        # It holds out records of every class, which a single record cannot be in both halves of.
        early_stopping="auto" if matrix.counts.min() > 1 else False,
        random_state=matrix.seed,
    )
    return Contender(boosting, assumes_balance=weighted)


_CONTENDERS: dict[ContenderName, Callable[[MatrixFacts], Contender]] = {
    "majority": _majority,
    "logistic_regression": _logistic_regression,
    "gradient_boosting": _gradient_boosting,
    "weighted_gradient_boosting": partial(_gradient_boosting, weighted=True),
    "balanced_random_forest": _balanced_random_forest,
    "linear_probe": _linear_probe,
}
