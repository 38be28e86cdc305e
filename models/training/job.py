"""Job of a training: all that it needs, and all that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from core.augmentation.settings import AugmentationSettings
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.settings import LossSettings, ModelSettings, TrainingSettings
from models.training.callbacks.epoch_log import EpochFigures


@dataclass(frozen=True)
class TrainingJob:
    """What is trained, on what, and how.

    Attributes:
        inputs: What a record holds.
        classes: Names of the classes in the order of the logits.
        train: Examples to learn from.
        evaluation: Examples to choose the best epoch by.
        model: The network.
        loss: What is minimised.
        training: How long, on which batches, and by which figure.
        augmentation: The experiment's `augmentation`; what mixes records is done here.
        seed: Decides everything random.
    """

    inputs: InputShape
    classes: Sequence[str]
    train: ExampleFiles
    evaluation: ExampleFiles
    model: ModelSettings = field(default_factory=ModelSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    seed: int = 0


@dataclass(frozen=True)
class StageOutcome:
    """What a stage came to.

    Attributes:
        name: The stage's name.
        epochs: Epochs it trained for.
        value: The monitored figure of its best epoch.
        best_epoch: That epoch, counted from 1 over all stages; of a stage without epochs, the last before.
        prior: Class shares that its best epoch's probabilities assume, `(num_classes,)`, sum 1.
        trained_parameters: Numbers that the stage learnt.
        chosen: What the stage chose by the eval split, as `tau`.
    """

    name: str
    epochs: int
    value: float
    best_epoch: int
    prior: tuple[float, ...]
    trained_parameters: int
    chosen: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """Result of a training.

    Attributes:
        model: A float32 network from the inputs to one logit per class, with the weights of the best stage's
            best epoch, not compiled.
        class_counts: Training records of each class, int64 `(num_classes,)`.
        history: Figures of every epoch, over all stages; `stage` names the stage.
        stages: What each stage came to.
        best: That of them whose weights the model has.
        warnings: What the person who asked for the training should know, in sentences.
    """

    model: keras.Model
    class_counts: np.ndarray
    history: list[EpochFigures]
    stages: tuple[StageOutcome, ...]
    best: StageOutcome
    warnings: tuple[str, ...] = ()
