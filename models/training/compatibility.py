"""Conflicts between the settings of a training. No TensorFlow: configuration is checked with it."""

from collections.abc import Iterable, Iterator
from operator import attrgetter

from core.augmentation.settings import AugmentationSettings
from models.catalogue.branches import BRANCHES
from models.catalogue.contrast import CONTRAST_EXCLUDES
from models.catalogue.mixing import MIXINGS, MixingRow
from models.catalogue.row import Exclusion, row_of
from models.catalogue.second_stages import SECOND_STAGES
from models.named_classes import ADDONS_AVERAGING
from models.settings import LossSettings, ModelSettings, TrainingSettings


def conflicts(
    model: ModelSettings,
    loss: LossSettings,
    training: TrainingSettings,
    augmentation: AugmentationSettings,
    has_image: bool,
) -> list[str]:
    """Finds settings that contradict each other or would have no effect.

    Args:
        model: The network.
        loss: What is minimised.
        training: How it is trained.
        augmentation: What is done to records; `image` may mix them in training.
        has_image: Whether the records have an image.

    Returns:
        A sentence for each, which names the keys, the values and the way out; empty where all is well.
    """
    mixing = {row.name: row for row in MIXINGS}.get(augmentation.image)
    return [
        *_deferral_conflicts(loss, training),
        *_second_stage_conflicts(model, training),
        *_mixing_conflicts(model, mixing, has_image),
        *_contrast_conflicts(model, loss, mixing),
        *_embedding_smote_conflicts(model, augmentation),
        *_blend_conflicts(model),
        *_average_conflicts(training),
    ]


def _blend_conflicts(model: ModelSettings) -> Iterator[str]:
    if model.blend != "fitted" and not model.tabular.trees.enabled:
        yield (
            "model.blend shares the answer out between network and trees, and there are no trees. Received: "
            f"model.blend={model.blend:g}. Set model.tabular.trees.enabled to true, or leave model.blend out."
        )


def _average_conflicts(training: TrainingSettings) -> Iterator[str]:
    if training.ema is not None and training.optimizer.name in ADDONS_AVERAGING:
        yield (
            "training.ema averages the weights, and so does the optimizer. Received: "
            f"training.ema={training.ema:g} with training.optimizer.name={training.optimizer.name!r}. Leave out one."
        )


def _deferral_conflicts(loss: LossSettings, training: TrainingSettings) -> Iterator[str]:
    if training.deferred is not None and loss.class_weights == "none":
        yield (
            "training.deferred lets class weights set in, and there are none. Received: "
            f"training.deferred={training.deferred} with loss.class_weights='none'. Set loss.class_weights to "
            "effective_number, or training.deferred to null."
        )


def _second_stage_conflicts(model: ModelSettings, training: TrainingSettings) -> Iterator[str]:
    if training.second_stage == "none":
        return
    row = row_of(SECOND_STAGES, training.second_stage)
    yield from _exclusion_conflicts(row.excludes, model, "training.second_stage", repr(row.name))


def _mixing_conflicts(model: ModelSettings, mixing: MixingRow | None, has_image: bool) -> Iterator[str]:
    if mixing is None:
        return
    branches = row_of(BRANCHES, model.branches)
    if branches.draws_pairs:
        yield (
            f"model.branches={branches.name} mixes records itself, one of each of its two samplings. Received: "
            f"augmentation.image={mixing.name!r}. Set augmentation.image to none, or model.branches to single."
        )
    if mixing.image_only and not has_image:
        yield (
            f"{mixing.name} {mixing.image_only}, and the records have no image. Received: "
            f"augmentation.image={mixing.name!r}. Set it to mixup, or name the column of the images in data.image."
        )


def _contrast_conflicts(model: ModelSettings, loss: LossSettings, mixing: MixingRow | None) -> Iterator[str]:
    if not loss.contrastive:
        return
    yield from _exclusion_conflicts(CONTRAST_EXCLUDES, model, "loss.contrastive", f"{loss.contrastive:g}")
    if mixing is not None:
        yield (
            "loss.contrastive compares classes, and a blend of two records has two. Received: loss.contrastive="
            f"{loss.contrastive:g} with augmentation.image={mixing.name!r}. Set loss.contrastive to 0, or "
            "augmentation.image to none."
        )


def _exclusion_conflicts(
    exclusions: Iterable[Exclusion], model: ModelSettings, own_key: str, own_value: str
) -> Iterator[str]:
    """Says which values of the network a row does not go together with."""
    for exclusion in exclusions:
        found = attrgetter(exclusion.key.removeprefix("model."))(model)
        if found in exclusion.values:
            yield exclusion.sentence(own_key, own_value, found)


def _embedding_smote_conflicts(model: ModelSettings, augmentation: AugmentationSettings) -> Iterator[str]:
    if not augmentation.in_training:
        return
    what = "augmentation.image: embedding_smote makes embeddings of a pretrained backbone while it is frozen"
    image = model.image
    if image.weights is None:
        yield (
            f"{what}. Received: model.image.weights=null, which trains it from the start. Set model.image.weights to "
            "imagenet, or augmentation.image to rotate_scale."
        )
    elif image.frozen_epochs == 0 and image.fine_tune != "none":
        yield (
            f"{what}. Received: model.image.frozen_epochs=0, which never freezes it. Leave it out, or set "
            "augmentation.image to rotate_scale."
        )
    for key in ("tabular", "crop_flip", "turn_zoom"):
        value = getattr(augmentation, key)
        if value not in (False, "none"):
            yield (
                f"{what}, once for each image alone. Received: augmentation.{key}={value!r}, which makes "
                "other records. Leave it out, or set augmentation.image to rotate_scale."
            )
    plain = {"branches": "single", "attention": "none", "pooling": "mean"}
    for key, expected in plain.items():
        if getattr(model, key) != expected:
            yield (
                f"{what}: the mean of its feature map, which has to be all that is read. Received: model.{key}="
                f"{getattr(model, key)!r}. Set it to {expected}, or augmentation.image to rotate_scale."
            )
