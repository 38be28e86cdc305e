"""CatBoost's classifier on a table's columns."""

from typing import Any

import numpy as np

from models.settings.trees import TreesSettings
from models.training.trees.tree_records import TreeRecords

_MOST_ITERATIONS = 1000
# Trees without a lower loss on eval before no more are tried.
_PATIENCE = 100


def catboost_classifier(
    train: TreeRecords,
    held_out: TreeRecords | None,
    settings: TreesSettings,
    seed: int,
    max_ctr_complexity: int = 4,
    thread_count: int = -1,
) -> Any:
    """Fits CatBoost's classifier: of two classes by log loss, of more by that of the softmax.

    Missing numbers lie below all borders. Categories of columns with few of them have questions of their own; statistics
    of their classes and numbers of records stand for the others and for their combinations, in training those of the
    records before one in a random order, so that no record sees its own class.

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018,
    https://arxiv.org/abs/1706.09516

    Args:
        train: Training records, of all classes from 0 up, two at least, with a column that varies.
        held_out: Records whose log loss says how many trees are kept, unless the settings say it; with None all of
            CatBoost's 1000 are.
        settings: Number and depth of trees, rates and penalties.
        seed: Decides what CatBoost draws.
        max_ctr_complexity: Most columns that are combined, CatBoost's default being 4.
        thread_count: Threads of CatBoost; -1 is one for each core. The trees are the same with any number.

    Returns:
        A fitted `CatBoostClassifier`.
    """
    # Takes a while to import.
    from catboost import CatBoostClassifier

    stops_early = settings.iterations is None and held_out is not None
    model = CatBoostClassifier(
        iterations=settings.iterations or _MOST_ITERATIONS,
        depth=settings.depth,
        learning_rate=settings.learning_rate,
        l2_leaf_reg=settings.l2_leaf_reg,
        one_hot_max_size=settings.one_hot_max_size,
        max_ctr_complexity=max_ctr_complexity,
        loss_function="Logloss" if train.labels.max() == 1 else "MultiClass",
        random_seed=seed,
        thread_count=thread_count,
        allow_writing_files=False,
        logging_level="Silent",
        **({"use_best_model": True, "od_type": "Iter", "od_wait": _PATIENCE} if stops_early else {}),
    )
    return model.fit(
        catboost_pool(train), eval_set=catboost_pool(held_out) if held_out and stops_early else None
    )


def catboost_pool(records: TreeRecords) -> Any:
    """Makes CatBoost's `Pool`: numbers, NaN where missing, and categories as the text of their indices."""
    from catboost import FeaturesData, Pool

    numbers = np.where(records.missing > 0, np.nan, records.numeric).astype(np.float32)
    texts = records.categorical.astype(np.int64).astype("S").astype(object)
    columns = FeaturesData(
        num_feature_data=numbers if numbers.shape[1] else None,
        cat_feature_data=texts if texts.shape[1] else None,
    )
    return Pool(columns, records.labels, weight=records.weights)
