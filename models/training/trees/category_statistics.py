"""Statistics of categories, in place of the categories themselves."""

import numpy as np

# Records' worth of the classes' shares among all records that a category starts with, as CatBoost has it.
PRIOR_WEIGHT = 1.0


def category_statistics(
    categories: np.ndarray, size: int, targets: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Computes what stands for each category of a column in new records.

    For a category k with its training records i, of weights w_i and targets t_i in {0, 1},

        share = records of k / records,    mean = (sum_i w_i t_i + prior) / (sum_i w_i + 1)

    where the prior is the mean over all records.

    Example: targets 1, 0, 0 of a category with three of six records, and 1 of 6 targets in all, give a share of 0.5
    and a mean of (1 + 1/6) / (3 + 1) = 0.292.

    Reference: Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes in Classification
    and Prediction Problems", 2001, https://doi.org/10.1145/507533.507538

    Args:
        categories: Indices of the training records, int `(records,)` in [0, size).
        size: Number of categories.
        targets: 0 or 1, float `(records, targets)`.
        weights: Float `(records,)`, 1 in the mean.

    Returns:
        The share and the mean of each target, float32 `(size, 1 + targets)`: those of a category without
        records are 0 and the prior.
    """
    weighted = targets * weights[:, np.newaxis]
    counts = np.bincount(categories, minlength=size)
    totals = np.bincount(categories, weights, minlength=size)[:, np.newaxis]
    sums = np.zeros((size, targets.shape[1]))
    np.add.at(sums, categories, weighted)
    means = (sums + PRIOR_WEIGHT * _prior(weighted, weights)) / (totals + PRIOR_WEIGHT)
    return np.column_stack([counts / len(categories), means]).astype(np.float32)


def ordered_statistics(
    categories: np.ndarray, size: int, targets: np.ndarray, weights: np.ndarray, order: np.ndarray
) -> np.ndarray:
    """Computes what stands for the category of each training record.

    As `category_statistics`, but that the mean is taken over the records of the category that come earlier in an
    order: no record's features tell its own target, which trees would learn by heart. Left out of a mean over all
    others, a target would still be told, the other way round.

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018, section 3.2,
    https://arxiv.org/abs/1706.09516

    Args:
        categories: Indices of the training records, int `(records,)` in [0, size).
        size: Number of categories.
        targets: 0 or 1, float `(records, targets)`.
        weights: Float `(records,)`, 1 in the mean.
        order: Positions of the records in the order, a permutation, int `(records,)`.

    Returns:
        The share and the mean of each target, float32 `(records, 1 + targets)`.
    """
    weighted = targets * weights[:, np.newaxis]
    # By category, and within one in the order.
    places = order[np.argsort(categories[order], kind="stable")]
    sorted_categories = categories[places]
    starts = np.searchsorted(sorted_categories, sorted_categories)
    totals = _sums_before(weights[places, np.newaxis], starts)
    means = (_sums_before(weighted[places], starts) + PRIOR_WEIGHT * _prior(weighted, weights)) / (
        totals + PRIOR_WEIGHT
    )
    statistics = np.empty((len(categories), 1 + targets.shape[1]), np.float32)
    statistics[:, 0] = (np.bincount(categories, minlength=size) / len(categories))[categories]
    statistics[places, 1:] = means
    return statistics


def _prior(weighted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted.sum(axis=0) / weights.sum()


def _sums_before(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sums rows from the start of each row's group up to the row itself, which is left out."""
    before = np.cumsum(values, axis=0) - values
    return before - before[starts]
