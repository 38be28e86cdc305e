"""Tables that trees are fitted on in tests."""

import numpy as np

from models.training.trees.tree_records import TreeRecords

SIZES = (2, 4, 13)


def made_records(seed, num_records=200, num_classes=2, num_numeric=2, sizes=SIZES, weighted=False):
    """Makes records whose columns, missing numbers and categories alike, tell the class in part."""
    random = np.random.default_rng(seed)
    numeric = random.normal(size=(num_records, num_numeric)).round(1).astype(np.float32)
    missing = (random.random(numeric.shape) < 0.2).astype(np.float32)
    categorical = random.integers(0, sizes, (num_records, len(sizes)))
    scores = numeric.sum(axis=1) + missing.sum(axis=1) + np.sin(categorical).sum(axis=1)
    # Categories that count together alone.
    scores += 2 * np.sin(categorical.prod(axis=1)) if sizes else 0
    # Rarer by half from class to class, as classes come.
    shares = np.cumsum(0.5 ** np.arange(num_classes))
    borders = np.quantile(scores, shares[:-1] / shares[-1])
    labels = np.searchsorted(borders, scores + random.normal(0, 0.5, num_records))
    labels[:num_classes] = np.arange(num_classes)
    weights = random.uniform(0.1, 3, num_records) if weighted else None
    return TreeRecords(numeric * (1 - missing), missing, categorical, labels, weights)
