"""Puts what several networks came to one after the other, as one training."""

import dataclasses
import statistics
from collections.abc import Callable, Sequence

import keras
import numpy as np

from models.training.callbacks.epoch_log import EpochFigures
from models.training.job import StageOutcome, Trained


def trained_as_one(
    networks: Sequence[Trained],
    model: keras.Model,
    class_counts: np.ndarray,
    prior: np.ndarray,
    monitor: str,
) -> Trained:
    """Joins trainings into one, epochs counted through.

    Stages are named `fold 1`, or `fold 1: <stage>` where there are several. The best is that of the fold with the
    best figure, with the mean figure of all folds.

    Args:
        networks: What was trained.
        model: All of them in one.
        class_counts: Records of each class that they were trained on, `(classes,)`.
        prior: Class shares that the model's probabilities assume, `(classes,)`.
        monitor: The figure that epochs are best by.
    """
    history: list[EpochFigures] = []
    stages: list[StageOutcome] = []
    bests: list[StageOutcome] = []
    for number, network in enumerate(networks):
        named, before = _names(f"fold {number + 1}", len(network.stages)), len(history)
        history += [
            {**epoch, "epoch": before + int(epoch["epoch"]), "stage": named(str(epoch["stage"]))}
            for epoch in network.history
        ]
        moved = [
            dataclasses.replace(stage, name=named(stage.name), best_epoch=before + stage.best_epoch)
            for stage in network.stages
        ]
        stages += moved
        bests.append(moved[network.stages.index(network.best)])
    sign = 1 if monitor.endswith("loss") else -1
    best = min(bests, key=lambda one: np.inf if np.isnan(one.value) else sign * one.value)
    mean = statistics.fmean(one.value for one in bests)
    return Trained(
        model,
        class_counts,
        history,
        tuple(stages),
        dataclasses.replace(best, value=mean, prior=tuple(prior.tolist())),
        tuple(dict.fromkeys(warning for network in networks for warning in network.warnings)),
    )


def _names(fold: str, num_stages: int) -> Callable[[str], str]:
    return lambda stage: fold if num_stages == 1 else f"{fold}: {stage}"
