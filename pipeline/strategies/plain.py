"""Experiment with plain cross entropy, which every strategy is one change to."""

from typing import Any

from components.decision_calibrator.settings import DecisionSettings
from core.augmentation.settings import AugmentationSettings
from models.settings import LossSettings, TunerSettings
from pipeline.config import Experiment

_PLAIN_LOSS = {"name": "cross_entropy", "class_weights": "none"}
# Epochs are picked alike for all losses, whose values do not compare, by what strategies are judged by.
_PLAIN_TRAINING = {
    "sampling": "natural",
    "deferred": None,
    "second_stage": "none",
    "monitor": "val_macro_f1",
}
_PLAIN_MODEL = {"attention": "none", "branches": "single", "fusion": "concatenate", "blend": "fitted"}
# How strategies of augmentation do what they do, where one is chosen.
_KEPT_OF_AUGMENTATION = ("target_ratio", "neighbours", "max_factor", "preset", "strength", "alpha")


def plain_experiment(experiment: Experiment) -> Experiment:
    """Takes every strategy for imbalanced data out of an experiment.

    Data, backbone, encoder, epochs, optimizer and folds stay; so does what says how an augmentation is done. Trees are
    left out, as strategies are about the network.

    Args:
        experiment: Its recipe is resolved.
    """
    content = experiment.model_dump(mode="json", by_alias=True)
    augmentation = {name: content["augmentation"][name] for name in _KEPT_OF_AUGMENTATION}
    content |= {
        "recipe": "none",
        "loss": LossSettings.model_validate(_PLAIN_LOSS).model_dump(mode="json"),
        "augmentation": AugmentationSettings.model_validate(augmentation).model_dump(mode="json"),
        "tuner": TunerSettings().model_dump(mode="json", by_alias=True),
        "decision": {**content["decision"], "rule": DecisionSettings().rule},
    }
    content["training"] |= _PLAIN_TRAINING
    content["model"] |= _PLAIN_MODEL
    tabular: dict[str, Any] = content["model"]["tabular"]
    tabular["trees"] = {**tabular["trees"], "enabled": False}
    if tabular["encoder"] == "feature_attention":
        tabular["encoder"] = "mlp"
    return Experiment.model_validate(content)
