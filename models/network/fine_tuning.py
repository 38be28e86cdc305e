"""Fine-tuning of a pretrained backbone: which part of it is trained in which epochs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np

from models.catalogue.backbones import BACKBONES, KERAS_HUB_PREFIX
from models.catalogue.row import names_of
from models.network.backbones.batch_norm import batch_norm_stays_frozen, freeze_batch_norm
from models.network.backbones.last_block import last_block
from models.settings import ImageModelSettings

Part = Literal["head", "last_block", "all"]
PARTS: tuple[Part, ...] = ("head", "last_block", "all")
_FEW_IMAGES = 20


@dataclass(frozen=True)
class Phase:
    """A run of epochs that train the same part of the network.

    Attributes:
        part: What is trained beside everything outside the backbone: `head`, nothing of the backbone;
            `last_block`, its last block; `all`.
        epochs: Number of epochs, at least 1.
        learning_rate_scale: Multiplies the optimizer's learning rate. Below 1 where pretrained weights are
            trained: large steps would wipe out what they know.
    """

    part: Part
    epochs: int
    learning_rate_scale: float = 1.0


def phases(settings: ImageModelSettings, epochs: int) -> tuple[Phase, ...]:
    """Plans the training of a backbone.

    Pretrained, the backbone is frozen at first: a head that starts from random weights sends gradients
    that would harm it. That takes `frozen_epochs`, by default a third of all, rounded down. The other
    epochs train the last block (`fine_tune: last_block`), or the last block for `last_block_epochs`, by
    default half of them, rounded down, and then everything (`all`). `fine_tune: none` keeps the backbone frozen. From random weights
    there is one phase that trains everything.

    Reference:
        Howard and Ruder, Universal Language Model Fine-tuning for Text Classification, 2018,
        https://arxiv.org/abs/1801.06146 (gradual unfreezing).

    Args:
        settings: `weights`, `fine_tune`, `frozen_epochs`, `last_block_epochs` and
            `fine_tune_learning_rate_scale`.
        epochs: Number of epochs in all, at least 1.

    Returns:
        The phases in order; their epochs add up to `epochs`. 30 epochs of `all` are 10 of the head, 10 of
        the last block and 10 of everything.

    Raises:
        ValueError: `epochs` is below 1.
    """
    if epochs < 1:
        raise ValueError(f"`epochs` must be at least 1. Received: epochs={epochs}")
    if settings.weights is None:
        return (Phase("all", epochs),)
    if settings.fine_tune == "none":
        return (Phase("head", epochs),)
    frozen = min(epochs // 3 if settings.frozen_epochs is None else settings.frozen_epochs, epochs)
    tuned = epochs - frozen
    if settings.fine_tune == "last_block":
        last = tuned
    else:
        last = tuned // 2 if settings.last_block_epochs is None else min(settings.last_block_epochs, tuned)
    scale = settings.fine_tune_learning_rate_scale
    planned = (
        Phase("head", frozen),
        Phase("last_block", last, scale),
        Phase("all", tuned - last, scale),
    )
    return tuple(phase for phase in planned if phase.epochs)


def fine_tuning_warnings(
    settings: ImageModelSettings, classes: Sequence[str], class_counts: np.ndarray
) -> tuple[str, ...]:
    """Says what is doubtful about the way an experiment trains its backbone.

    Args:
        settings: Weights and the part that is trained.
        classes: Names of the classes.
        class_counts: Numbers of training images, `(num_classes,)`, in the order of `classes`.

    Returns:
        Sentences for the log and the report; none where nothing is doubtful.
    """
    if settings.weights is None:
        if settings.fine_tune == "all":
            return ()
        return (
            f"model.image.fine_tune is {settings.fine_tune}, but the backbone starts from random weights, so "
            "all of it is trained. Set model.image.weights to train a pretrained one.",
        )
    few = [
        (name, int(count)) for name, count in zip(classes, class_counts, strict=True) if count < _FEW_IMAGES
    ]
    if settings.fine_tune != "all" or not few:
        return ()
    named = ", ".join(f"{name} ({count})" for name, count in few)
    return (
        f"The whole backbone is fine-tuned, but these classes have fewer than {_FEW_IMAGES} training images: "
        f"{named}. It can learn them by heart; compare with model.image.fine_tune: last_block or none.",
    )


def backbones_in(model: keras.Model) -> Iterator[keras.Model]:
    """Yields the image backbones inside a classifier, told by their names."""
    for layer in model.layers:
        if not isinstance(layer, keras.Model):
            continue
        if layer.name in names_of(BACKBONES) or layer.name.startswith(KERAS_HUB_PREFIX.replace(":", "_")):
            yield layer
        else:
            yield from backbones_in(layer)


def set_trainable(model: keras.Model, part: Part) -> int:
    """Sets which part of a classifier's image backbone is trained.

    Layers outside the backbone stay as they are. Batch normalisation that is to keep its pretrained
    statistics stays frozen, and so in inference mode, whatever the part. The classifier has to be compiled
    (again) afterwards: Keras reads `trainable` then.

    Args:
        model: The classifier, with the backbone as a model inside it; or one without images.
        part: `head` freezes the backbone; `last_block` trains its layers from the last change of
            resolution on, see `last_block`; `all` trains the whole backbone.

    Returns:
        Number of trained parameters of the whole classifier.

    Raises:
        ValueError: The part is unknown.
    """
    if part not in PARTS:
        raise ValueError(f"`part` must be one of {', '.join(PARTS)}. Received: part={part!r}")
    for backbone in backbones_in(model):
        _set_backbone_trainable(backbone, part)
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def _set_backbone_trainable(backbone: keras.Model, part: Part) -> None:
    backbone.trainable = part != "head"
    if part == "last_block":
        trained = last_block(backbone)
        _freeze_others(backbone, {id(layer) for layer in trained})
    if part != "head" and batch_norm_stays_frozen(backbone):
        freeze_batch_norm(backbone)


def _freeze_others(model: keras.Model, trained: set[int]) -> None:
    for layer in model.layers:
        if id(layer) in trained:
            continue
        # A frozen model hides its layers, trained ones too.
        if isinstance(layer, keras.Model) and not isinstance(layer, keras.Sequential):
            _freeze_others(layer, trained)
        else:
            layer.trainable = False
