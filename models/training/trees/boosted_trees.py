"""Oblivious trees out of CatBoost."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.settings.trees import TreesSettings

_MOST_ITERATIONS = 1000
# Trees without a lower loss on eval before no more are tried.
_PATIENCE = 100


@dataclass(frozen=True)
class LabelledFeatures:
    """What CatBoost is fitted on.

    Attributes:
        features: Float32 `(records, features)`, NaN where missing.
        labels: Class indices from 0, each of which occurs in training, int `(records,)`.
        weights: Float `(records,)`, or None.
    """

    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray | None


@dataclass(frozen=True)
class BoostedTrees:
    """Oblivious trees as `FittedTrees` has them, but for bias and leaf values, which are float64 here."""

    border_features: np.ndarray
    borders: np.ndarray
    splits: np.ndarray
    leaf_values: np.ndarray
    bias: np.ndarray


def fitted_classifier(
    train: LabelledFeatures,
    held_out: LabelledFeatures | None,
    settings: TreesSettings,
    seed: int,
    thread_count: int = -1,
) -> Any:
    """Fits CatBoost's classifier: of two classes by log loss, of more by that of the softmax.

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018,
    https://arxiv.org/abs/1706.09516

    Args:
        train: Training records, of two classes at least, with a feature that varies.
        held_out: Records whose log loss says how many trees are kept, unless the settings say it; with None all of
            CatBoost's 1000 are.
        settings: Number and depth of trees, rates and penalties.
        seed: Decides what CatBoost draws.
        thread_count: Threads of CatBoost; -1 is one for each core. The trees are the same with any number.

    Returns:
        A `CatBoostClassifier`.
    """
    # Takes a while to import.
    from catboost import CatBoostClassifier, Pool

    stops_early = settings.iterations is None and held_out is not None
    model = CatBoostClassifier(
        iterations=settings.iterations or _MOST_ITERATIONS,
        depth=settings.depth,
        learning_rate=settings.learning_rate,
        l2_leaf_reg=settings.l2_leaf_reg,
        loss_function="Logloss" if train.labels.max() == 1 else "MultiClass",
        random_seed=seed,
        thread_count=thread_count,
        allow_writing_files=False,
        logging_level="Silent",
        **({"use_best_model": True, "od_type": "Iter", "od_wait": _PATIENCE} if stops_early else {}),
    )
    pools = [Pool(each.features, each.labels, weight=each.weights) for each in (train, held_out) if each]
    return model.fit(pools[0], eval_set=pools[1] if stops_early else None)


def boosted_trees(classifier: Any) -> BoostedTrees:
    """Takes the trees out of CatBoost's JSON.

    Reference: CatBoost's documentation, https://catboost.ai/docs/en/concepts/json-models

    Args:
        classifier: A fitted `CatBoostClassifier` of numeric features alone, with oblivious trees.

    Returns:
        Trees of one depth, at least 1: those with fewer questions ask whether a feature lies above infinity.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trees.json")
        classifier.save_model(str(path), format="json")
        exported = json.loads(path.read_text())
    scale, bias = exported["scale_and_bias"]
    trees = exported["oblivious_trees"]
    questions = [tree["splits"] or [] for tree in trees]
    depth = max(1, *(len(asked) for asked in questions))
    keys = {(split["float_feature_index"], split["border"]) for asked in questions for split in asked}
    never = (0, np.inf)
    if any(len(asked) < depth for asked in questions):
        keys.add(never)
    numbers = {key: number for number, key in enumerate(sorted(keys))}
    splits = np.full((len(trees), depth), numbers.get(never, 0), np.int32)
    leaf_values = np.zeros((len(trees), 2**depth, len(bias)))
    for place, (tree, asked) in enumerate(zip(trees, questions, strict=True)):
        splits[place, : len(asked)] = [numbers[s["float_feature_index"], s["border"]] for s in asked]
        leaf_values[place, : 2 ** len(asked)] = np.reshape(tree["leaf_values"], (-1, len(bias)))
    features, borders = zip(*numbers, strict=True)
    return BoostedTrees(
        np.array(features, np.int32),
        np.array(borders, np.float32),
        splits,
        scale * leaf_values,
        np.array(bias, np.float64),
    )
