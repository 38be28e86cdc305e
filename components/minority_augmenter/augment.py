"""Augmentation of transformed examples outside the stage, for searches that try several."""

import os
from collections.abc import Mapping
from typing import Any

from tfx.dsl.io import fileio

from components.minority_augmenter.component import check_augmentation, data_of
from components.minority_augmenter.rebalance import rebalance
from core.augmentation.settings import AugmentationSettings


def augment(
    examples: str, transform_graph: str, augmentation: Mapping[str, Any], seed: int, folder: str
) -> None:
    """Writes the splits train and eval with train rebalanced; see `core.strategy_plan.AugmentFn`.

    Raises:
        InputError: The settings do not fit the data.
    """
    settings = AugmentationSettings.model_validate(augmentation)
    data = data_of(transform_graph)
    check_augmentation(settings, data, transform_graph)
    names = ("Split-train", "Split-eval")
    folders = {
        name.removeprefix("Split-"): (os.path.join(examples, name), os.path.join(folder, name))
        for name in names
    }
    for _, target in folders.values():
        fileio.makedirs(target)
    priors = os.path.join(folder, "priors")
    fileio.makedirs(priors)
    rebalance(folders, priors, settings, seed, data, None)
