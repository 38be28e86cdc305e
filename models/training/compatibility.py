"""Which settings of a training do not go together. No TensorFlow: configuration is checked with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.settings import LossSettings, ModelSettings, TrainingSettings

_MIXING = ("mixup", "cutmix", "remix")


def conflicts(
    model: ModelSettings,
    loss: LossSettings,
    training: TrainingSettings,
    augmentation: Mapping[str, Any],
    has_image: bool,
) -> list[str]:
    """Finds settings that contradict each other or would have no effect.

    Args:
        model: The network.
        loss: What is minimised.
        training: How it is trained.
        augmentation: The experiment's `augmentation`, of which `image` and `tabular` may mix records.
        has_image: Whether the records have an image.

    Returns:
        A sentence for each, which names the keys, the values and the way out; empty where all is well.
    """
    mixing = {
        f"augmentation.{kind}": augmentation[kind]
        for kind in ("image", "tabular")
        if augmentation.get(kind) in _MIXING
    }
    return [
        *_of_deferral(loss, training),
        *_of_second_stage(model, training),
        *_of_classifier(model, training),
        *_of_mixing(model, mixing, has_image),
        *_of_contrast(model, loss, mixing),
        *_of_embeddings(model, augmentation),
    ]


def _of_deferral(loss: LossSettings, training: TrainingSettings) -> Iterator[str]:
    if training.deferred is not None and loss.class_weights == "none":
        yield (
            "training.deferred lets class weights set in, and there are none. Received: "
            f"training.deferred={training.deferred} with loss.class_weights='none'. Set loss.class_weights to "
            "effective_number, or training.deferred to null."
        )


def _of_second_stage(model: ModelSettings, training: TrainingSettings) -> Iterator[str]:
    if training.second_stage != "none" and model.branches != "single":
        yield (
            "training.second_stage balances the classifier of a network that has one. Received: "
            f"training.second_stage={training.second_stage!r} with model.branches={model.branches!r}. Set "
            "training.second_stage to none, or model.branches to single."
        )


def _of_classifier(model: ModelSettings, training: TrainingSettings) -> Iterator[str]:
    if training.second_stage == "tau_norm" and model.classifier == "cosine":
        yield (
            "tau_norm changes the lengths of the class vectors, which have no say in a cosine classifier. "
            "Received: training.second_stage='tau_norm' with model.classifier='cosine'. Set "
            "training.second_stage to crt or lws, or model.classifier to linear."
        )
    if training.second_stage in ("tau_norm", "lws") and model.tabular.encoder == "ensemble_mlp":
        yield (
            f"{training.second_stage} balances one classifier's class vectors; an ensemble averages the "
            f"probabilities of many. Received: training.second_stage={training.second_stage!r} with "
            "model.tabular.encoder='ensemble_mlp'. Set training.second_stage to crt, or model.tabular.encoder to mlp."
        )


def _of_mixing(model: ModelSettings, mixing: Mapping[str, str], has_image: bool) -> Iterator[str]:
    for key, kind in mixing.items():
        if model.branches == "bilateral":
            yield (
                "model.branches=bilateral mixes records itself, one of each of its two samplings. Received: "
                f"{key}={kind!r}. Set {key} to none, or model.branches to single."
            )
        if kind == "cutmix" and not has_image:
            yield (
                f"cutmix puts a piece of one image into another, and the records have no image. Received: "
                f"{key}='cutmix'. Set it to mixup, or name the column of the images in data.image."
            )


def _of_contrast(model: ModelSettings, loss: LossSettings, mixing: Mapping[str, str]) -> Iterator[str]:
    if not loss.contrastive:
        return
    if model.branches != "single":
        yield (
            "loss.contrastive draws the embeddings of a class together, and several branches have one each. "
            f"Received: loss.contrastive={loss.contrastive:g} with model.branches={model.branches!r}. Set "
            "loss.contrastive to 0, or model.branches to single."
        )
    if model.tabular.encoder == "ensemble_mlp":
        yield (
            "loss.contrastive draws the embeddings of a class together, and the members of an ensemble have one "
            f"each. Received: loss.contrastive={loss.contrastive:g} with model.tabular.encoder='ensemble_mlp'. "
            "Set loss.contrastive to 0, or model.tabular.encoder to mlp."
        )
    for key, kind in mixing.items():
        yield (
            "loss.contrastive compares classes, and a blend of two records has two. Received: loss.contrastive="
            f"{loss.contrastive:g} with {key}={kind!r}. Set loss.contrastive to 0, or {key} to none."
        )


def _of_embeddings(model: ModelSettings, augmentation: Mapping[str, Any]) -> Iterator[str]:
    if augmentation.get("image") != "embedding_smote":
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
        if augmentation.get(key) not in (None, False, "none"):
            yield (
                f"{what}, once for each image alone. Received: augmentation.{key}={augmentation[key]!r}, which makes "
                "other records. Leave it out, or set augmentation.image to rotate_scale."
            )
    plain = {"branches": "single", "attention": "none", "pooling": "mean"}
    for key, value in plain.items():
        if getattr(model, key) != value:
            yield (
                f"{what}: the mean of its feature map, which has to be all that is read. Received: model.{key}="
                f"{getattr(model, key)!r}. Set it to {value}, or augmentation.image to rotate_scale."
            )
