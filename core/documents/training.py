"""Training: what was trained, as the Trainer writes it."""

from typing import ClassVar

from pydantic import JsonValue

from core.documents.document import Document, Part
from core.documents.values import Count, Number


class TrainedStage(Part):
    """What a stage of the training came to.

    Attributes:
        name: The stage's name.
        epochs: Epochs it trained for.
        value: The monitored figure of its best epoch; None where it is no finite number.
        best_epoch: That epoch, counted from 1 over all stages.
        prior: Class shares that its best epoch's probabilities assume.
        trained_parameters: Numbers that the stage learnt.
        chosen: What the stage chose by the eval split, as `tau`.
    """

    name: str
    epochs: Count
    value: Number | None
    best_epoch: Count
    prior: tuple[Number | None, ...]
    trained_parameters: Count
    chosen: dict[str, Number | None]


class TrainedFold(Part):
    """What the network of a fold came to.

    Attributes:
        records: Records of the fold, which it was not trained on.
        best_epoch: Epoch of its training whose weights it has; 1 is the first.
        monitor_value: The monitored figure then, on these records; None where it is no finite number.
    """

    records: Count
    best_epoch: Count
    monitor_value: Number | None


class Blend(Part):
    """What network and trees come to on records that neither was trained on.

    Attributes:
        network_share: Weight of the network's probabilities in [0, 1]; the trees' is what is left.
        is_fitted: Whether it was chosen by the log loss of these records, and not given.
        log_loss: By `network`, `trees` and `together`.
        average_precision: That of the rarest class, by the same; None where it has no record.
        records: Number of records: out of fold, or those of eval.
    """

    network_share: Number
    is_fitted: bool
    log_loss: dict[str, Number | None]
    average_precision: dict[str, Number | None]
    records: Count


class Training(Document):
    """What was trained.

    Attributes:
        classes: Names of the classes, in the order of the model's outputs.
        class_counts: Training records of each class.
        parameters: Numbers in the model.
        trained_parameters: Numbers that training changed.
        best_epoch: Epoch whose weights the model has; 1 is the first.
        best_stage: Stage of that epoch.
        monitor: Figure that the epoch is best by.
        monitor_value: Its value then; None where it is no finite number.
        implied_prior: Class shares that the network's probabilities assume.
        stages: What each stage came to.
        warnings: What the person who asked for the training should know, in sentences.
        seed: The experiment's.
        hyperparameters: Values that a search found, by dotted key; empty without a search.
        folds: What the network of each fold came to; empty where one network was trained. With folds, epochs are
            counted through all of them, and `monitor_value` is their mean.
        blend: What network and trees come to; None without trees.
    """

    FILE_NAME: ClassVar[str] = "training.json"

    classes: tuple[str, ...]
    class_counts: tuple[Count, ...]
    parameters: Count
    trained_parameters: Count
    best_epoch: Count
    best_stage: str
    monitor: str
    monitor_value: Number | None
    implied_prior: tuple[Number | None, ...]
    stages: tuple[TrainedStage, ...]
    warnings: tuple[str, ...]
    seed: Count
    hyperparameters: dict[str, JsonValue]
    folds: tuple[TrainedFold, ...] = ()
    blend: Blend | None = None
