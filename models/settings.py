"""What an experiment says of its model: network, loss, training, search, serving."""

import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from models.named_classes import (
    ADDONS_LOSSES,
    ADDONS_OPTIMIZERS,
    ADDONS_UNSCHEDULED,
    KERAS_LOSSES,
    check_addons_available,
    check_config,
    plain_name,
)
from models.tuning.dimension import Dimension

IMAGE_BACKBONES = (
    *("small_cnn", "resnet32"),
    *("ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge"),
    *("DenseNet121", "DenseNet169", "DenseNet201"),
    *("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3"),
    *("EfficientNetB4", "EfficientNetB5", "EfficientNetB6", "EfficientNetB7"),
    *("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3"),
    *("EfficientNetV2S", "EfficientNetV2M", "EfficientNetV2L"),
    *("InceptionV3", "InceptionResNetV2"),
    *("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"),
    *("NASNetMobile", "NASNetLarge"),
    *("ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2"),
    *("VGG16", "VGG19", "Xception"),
)
OWN_BACKBONES = ("small_cnn", "resnet32")
KERAS_HUB_PREFIX = "keras_hub:"
# Backbones that come in several widths, with the alphas that ImageNet weights exist for.
BACKBONES_WITH_ALPHA = {
    "MobileNet": (0.25, 0.5, 0.75, 1.0),
    "MobileNetV2": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
    "MobileNetV3Small": (0.75, 1.0),
    "MobileNetV3Large": (0.75, 1.0),
}
_SMALLEST_SIDES = {"small_cnn": 8, "resnet32": 8, "InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
LOSSES = (
    *("cross_entropy", "focal", "class_balanced", "ldam", "balanced_softmax", "logit_adjusted"),
    *("asymmetric_focal", "label_aware_smoothing"),
)
OPTIMIZERS = ("adam", "adamw", "sgd")

# val_average_precision is that of the rarer of two classes; with more there is none.
Monitor = Literal[
    "val_macro_f1",
    "val_balanced_accuracy",
    "val_accuracy",
    "val_macro_average_precision",
    "val_average_precision",
    "val_loss",
]


def _as_yaml(value: Any) -> str:
    return {None: "null", True: "true", False: "false"}.get(value, str(value))


def known(*names: str) -> AfterValidator:
    """Refuses a name that is not one of `names`, and says which of them is nearest."""

    def check(value: str) -> str:
        if value not in names:
            # Case is left aside: mobilenetv2 is nearer to MobileNetV2 than to MobileNet.
            by_lower_case = {name.lower(): name for name in names}
            nearest = get_close_matches(value.lower(), by_lower_case, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {by_lower_case[nearest[0]]!r}?" if nearest else f"Known: {', '.join(names)}."
            )
            raise ValueError(f"{value!r} is not a known name. {hint}")
        return value

    return AfterValidator(check)


class _Settings(BaseModel):
    # A NaN learning rate would pass no bound and still be accepted without allow_inf_nan.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


ImageSide = Annotated[int, Field(ge=8, le=1024)]
LayerUnits = Annotated[int, Field(ge=1, le=8192)]


def smallest_side(backbone: str) -> int:
    """Returns the fewest pixels of a side that a backbone takes, as its builder would refuse fewer."""
    if backbone.startswith(KERAS_HUB_PREFIX):
        return 8
    return _SMALLEST_SIDES.get(backbone, 32)


def _check_backbone(name: str) -> str:
    """Refuses a name that is neither a backbone nor a preset of KerasHub."""
    if name.startswith(KERAS_HUB_PREFIX):
        if not re.fullmatch(r"\w+", name.removeprefix(KERAS_HUB_PREFIX)):
            raise ValueError(
                f"{name!r} names no preset. Expected keras_hub:PRESET, as in keras_hub:resnet_18_imagenet."
            )
        return name
    check: Any = known(*IMAGE_BACKBONES).func
    return check(name)


_known_backbone = AfterValidator(_check_backbone)


class ImageModelSettings(_Settings):
    """The encoder that turns an image into features."""

    backbone: Annotated[str, _known_backbone] = Field(
        "small_cnn",
        description="small_cnn, resnet32, the name of a keras.applications model, or keras_hub:PRESET.",
    )
    alpha: float = Field(
        1.0,
        gt=0,
        le=4,
        description="small_cnn and MobileNet, V2, V3 only: multiplies the number of filters of every layer.",
    )
    weights: str | None = Field(
        None,
        min_length=1,
        description="imagenet, the path of a weights file, or null to start from random weights.",
    )
    size: tuple[ImageSide, ImageSide] = Field(
        (64, 64), description="Height and width that images are resized to, each 8 to 1024 pixels."
    )
    channels: Literal[1, 3] = Field(3, description="1 reads images as grey, 3 as red, green and blue.")
    fine_tune: Literal["all", "last_block", "none"] = Field(
        "all",
        description="Which part of a pretrained backbone is trained, after epochs in which it is frozen; "
        "without weights all of it is, from the first epoch.",
    )
    frozen_epochs: int | None = Field(
        None,
        ge=0,
        description="Epochs in which a pretrained backbone is frozen at first; null is a third of all.",
    )
    last_block_epochs: int | None = Field(
        None,
        ge=0,
        description="fine_tune: all only: epochs after those in which just the last block is trained; null is half "
        "of the epochs that are not frozen.",
    )
    frozen_batch_norm: bool = Field(
        True, description="Whether batch normalisation keeps its pretrained statistics throughout."
    )
    fine_tune_learning_rate_scale: float = Field(
        0.1, gt=0, le=1, description="Multiplies the learning rate where pretrained layers are trained."
    )
    dropout: float = Field(0.2, ge=0, lt=1, description="Share of the image features dropped in training.")

    @property
    def keeps_batch_norm(self) -> bool:
        return self.weights is not None and self.frozen_batch_norm

    @model_validator(mode="after")
    def _alpha_suits_the_backbone(self) -> "ImageModelSettings":
        if self.alpha != 1 and self.backbone not in ("small_cnn", *BACKBONES_WITH_ALPHA):
            raise ValueError(
                f"`alpha` works with small_cnn, {', '.join(BACKBONES_WITH_ALPHA)} alone. Received: "
                f"alpha={self.alpha:g} with backbone={self.backbone!r}. Set it to 1, or name one of these."
            )
        return self

    @model_validator(mode="after")
    def _imagenet_weights_exist(self) -> "ImageModelSettings":
        if self.weights != "imagenet":
            return self
        if self.backbone in OWN_BACKBONES:
            raise ValueError(
                f"`weights: imagenet` does not exist for {self.backbone}. Set `weights` to null or to the path "
                "of a weights file, or name a model of keras.applications."
            )
        widths = BACKBONES_WITH_ALPHA.get(self.backbone, (1.0,))
        if self.alpha not in widths:
            raise ValueError(
                f"`weights: imagenet` exists for {self.backbone} with alpha "
                f"{', '.join(f'{width:g}' for width in widths)} alone. Received: alpha={self.alpha:g}. Name one "
                "of these, or set `weights` to null or to a path."
            )
        return self

    @model_validator(mode="after")
    def _images_are_large_enough(self) -> "ImageModelSettings":
        least = smallest_side(self.backbone)
        if min(self.size) < least:
            raise ValueError(
                f"`size` must be at least [{least}, {least}] for {self.backbone}. Received: "
                f"size={list(self.size)}. Raise it, or name a backbone for smaller images, as small_cnn."
            )
        return self

    @model_validator(mode="after")
    def _epochs_of_phases_have_an_effect(self) -> "ImageModelSettings":
        if self.frozen_epochs is not None and (self.weights is None or self.fine_tune == "none"):
            raise ValueError(
                "`frozen_epochs` comes before the fine-tuning of pretrained weights. Received: frozen_epochs="
                f"{self.frozen_epochs} with weights={_as_yaml(self.weights)}, fine_tune={self.fine_tune}. Set it "
                "to null, or set `weights` and a `fine_tune` of last_block or all."
            )
        if self.last_block_epochs is not None and (self.weights is None or self.fine_tune != "all"):
            raise ValueError(
                "`last_block_epochs` comes between the frozen epochs of pretrained weights and those that train all "
                f"of them. Received: last_block_epochs={self.last_block_epochs} with weights="
                f"{_as_yaml(self.weights)}, fine_tune={self.fine_tune}. Set it to null, or set `weights` and "
                "`fine_tune: all`."
            )
        return self


class TabularModelSettings(_Settings):
    """The encoder that turns numeric and categorical columns into features."""

    encoder: Literal["mlp", "ensemble_mlp", "feature_attention"] = Field(
        "mlp",
        description="mlp is dense layers; ensemble_mlp many of them that share most weights and answer with their "
        "mean; feature_attention lets columns attend to each other.",
    )
    hidden_units: tuple[LayerUnits, ...] = Field(
        (128, 64), min_length=1, max_length=16, description="Units of each dense layer, in order."
    )
    dropout: float = Field(
        0.1, ge=0, lt=1, description="Share of each dense layer's units dropped in training."
    )
    embedding_dim: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="Length of a category's vector; null takes min(50, ceil(1.6 vocabulary^0.56)) by column.",
    )
    numeric_embedding: Literal["none", "piecewise_linear", "periodic"] = Field(
        "piecewise_linear",
        description="What becomes of a number: piecewise_linear is a vector that bends at the column's quantiles, "
        "periodic one of waves; none leaves it a number.",
    )
    numeric_dim: int = Field(
        8, ge=1, le=1024, description="Length of a number's vector, but for feature_attention."
    )
    num_bins: int = Field(
        16, ge=2, le=256, description="piecewise_linear only: number of quantile bins of a column."
    )
    members: int = Field(8, ge=2, le=256, description="ensemble_mlp only: number of members.")
    token_units: int = Field(
        64, ge=1, le=1024, description="feature_attention only: length of a column's vector."
    )
    num_blocks: int = Field(2, ge=1, le=32, description="feature_attention only: blocks of attention.")
    num_heads: int = Field(4, ge=1, le=64, description="feature_attention only: heads of attention.")


class ModelSettings(_Settings):
    """The network from its inputs to one logit per class."""

    image: ImageModelSettings = Field(default_factory=ImageModelSettings, description="Encoder of images.")
    tabular: TabularModelSettings = Field(
        default_factory=TabularModelSettings, description="Encoder of numeric and categorical columns."
    )
    attention: Literal["none", "squeeze_excitation", "cbam", "self_attention"] = Field(
        "none", description="Attention over the image features."
    )
    pooling: Literal["mean", "attention"] = Field(
        "mean",
        description="How the image features become one vector; attention weighs places by a learnt query.",
    )
    fusion: Literal["concatenate", "gating", "cross_attention"] = Field(
        "concatenate",
        description="How image and columns are joined; in cross_attention the columns choose where to look.",
    )
    branches: Literal["single", "bilateral", "experts", "class_groups"] = Field(
        "single", description="single is one classifier; the others split the work between several."
    )
    num_experts: int = Field(3, ge=2, le=4, description="experts only: how many there are.")
    diversity: float = Field(
        0.2, ge=0, le=1, description="experts only: how strongly they are driven to differ; 0 is not at all."
    )
    classifier: Literal["linear", "cosine"] = Field(
        "linear",
        description="How logits are computed; with cosine the length of a class's weights has no say.",
    )
    cosine_scale: float = Field(
        16.0,
        gt=0,
        le=100,
        description="cosine only: factor of the cosines; larger gives surer probabilities.",
    )
    embedding_units: int | None = Field(
        64,
        ge=0,
        le=8192,
        description="Length of the vector that stands for a record just before the logits; null takes the "
        "encoders' features as they are.",
    )


WEIGHTS_BY_LOSS = {
    "class_balanced": "effective_number",
    **dict.fromkeys(("ldam", "balanced_softmax", "logit_adjusted", *KERAS_LOSSES, *ADDONS_LOSSES), "none"),
}
LOSSES_BY_FIELD = {
    "gamma": ("focal", "class_balanced"),
    "base": ("class_balanced",),
    "label_smoothing": ("cross_entropy",),
    "tau": ("logit_adjusted",),
    **dict.fromkeys(("max_margin", "scale"), ("ldam",)),
    **dict.fromkeys(("gamma_positive", "gamma_negative", "margin"), ("asymmetric_focal",)),
    **dict.fromkeys(("head_smoothing", "tail_smoothing", "smoothing_form"), ("label_aware_smoothing",)),
}


class LossSettings(_Settings):
    """What training minimises, and how much each class weighs in it."""

    name: Annotated[str, known(*LOSSES, *KERAS_LOSSES, *ADDONS_LOSSES)] = Field(
        "cross_entropy",
        description="cross_entropy is the default: the only one whose probabilities need no other correction "
        "than that of the class weights. Besides our own, a loss of Keras by its class, such as "
        "CategoricalHinge, or of TensorFlow Addons, such as Addons>SigmoidFocalCrossEntropy.",
    )
    config: dict[str, Any] = Field(
        default_factory=dict, description="Losses of Keras and TensorFlow Addons only: their arguments."
    )
    gamma: float = Field(
        2.0,
        ge=0,
        le=20,
        description="focal, and class_balanced on it, only: how strongly easy examples are played down.",
    )
    class_weights: Literal["none", "inverse", "sqrt_inverse", "effective_number"] = Field(
        "sqrt_inverse",
        description="Weight of a class by its count n. sqrt_inverse (1/sqrt n) is the default: it favours rare "
        "classes without the few records of the rarest outweighing all others, as with inverse (1/n). The "
        "default is effective_number for class_balanced, and none for ldam, balanced_softmax and "
        "logit_adjusted, which reckon with the counts themselves, and for losses that are not our own.",
    )
    beta: float = Field(
        0.999, ge=0, lt=1, description="effective_number only: 0 weighs classes alike, close to 1 is inverse."
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="cross_entropy only: share of the target spread evenly over all classes."
    )
    base: Literal["cross_entropy", "focal"] = Field(
        "cross_entropy", description="class_balanced only: the loss that is weighed."
    )
    tau: float = Field(
        1.0,
        ge=0,
        le=4,
        description="logit_adjusted only: how much of the log prior is added in training; 1 aims at balanced "
        "accuracy, 0 is cross_entropy.",
    )
    max_margin: float = Field(
        0.5, ge=0, le=100, description="ldam only: margin of the rarest class, in units of a logit."
    )
    scale: float = Field(
        1.0, gt=0, le=1000, description="ldam only: multiplies the logits; 1 for plain ones, 30 for cosines."
    )
    gamma_positive: float = Field(
        0.0, ge=0, le=20, description="asymmetric_focal only: focusing on the record's own class."
    )
    gamma_negative: float = Field(
        4.0, ge=0, le=20, description="asymmetric_focal only: focusing on the other classes."
    )
    margin: float = Field(
        0.05, ge=0, lt=1, description="asymmetric_focal only: probability of a wrong class that is forgiven."
    )
    head_smoothing: float = Field(
        0.1, ge=0, lt=1, description="label_aware_smoothing only: label smoothing of the largest class."
    )
    tail_smoothing: float = Field(
        0.0, ge=0, lt=1, description="label_aware_smoothing only: label smoothing of the smallest class."
    )
    smoothing_form: Literal["concave", "linear", "convex"] = Field(
        "concave", description="label_aware_smoothing only: how smoothing grows with a class's count."
    )
    contrastive: float = Field(
        0.0,
        ge=0,
        le=100,
        description="Weight of the supervised contrastive loss, which draws the embeddings of a class together and "
        "those of others apart, beside the loss named; 0 is off.",
    )
    contrastive_temperature: float = Field(
        0.1, gt=0, le=100, description="contrastive only: the lower, the more the nearest records count."
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_by_name(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("name"), str):
            return values
        name = plain_name(values["name"])
        return {"class_weights": WEIGHTS_BY_LOSS.get(name, "sqrt_inverse"), **values, "name": name}

    @model_validator(mode="after")
    def _named_loss_takes_its_config(self) -> "LossSettings":
        check_addons_available(self.name)
        if self.config and self.name in LOSSES:
            raise ValueError(
                "`config` works with losses of Keras and TensorFlow Addons alone. Received: config="
                f"{self.config} with name={self.name!r}. Set the keys of `loss` instead."
            )
        if self.name not in LOSSES:
            check_config("loss.config", self.name, self.config, {**KERAS_LOSSES, **ADDONS_LOSSES}[self.name])
        return self

    @model_validator(mode="after")
    def _every_key_has_an_effect(self) -> "LossSettings":
        for key, losses in LOSSES_BY_FIELD.items():
            value, default = getattr(self, key), type(self).model_fields[key].default
            if value != default and self.name not in losses:
                shown, default = (f"{v:g}" if isinstance(v, float) else repr(v) for v in (value, default))
                raise ValueError(
                    f"`{key}` works with {' and '.join(losses)} alone. Received: {key}={shown} with "
                    f"name={self.name!r}. Set it to {default}, or name {losses[0]}."
                )
        return self

    @model_validator(mode="after")
    def _temperature_has_an_effect(self) -> "LossSettings":
        default = type(self).model_fields["contrastive_temperature"].default
        if self.contrastive_temperature != default and not self.contrastive:
            raise ValueError(
                "`contrastive_temperature` works with `contrastive` above 0 alone. Received: "
                f"contrastive_temperature={self.contrastive_temperature:g} with contrastive=0. Leave it out, or "
                "set contrastive to 0.5."
            )
        return self

    @model_validator(mode="after")
    def _weights_suit_the_loss(self) -> "LossSettings":
        if self.name == "class_balanced" and self.class_weights != "effective_number":
            raise ValueError(
                "class_balanced weighs classes by effective_number. Received: class_weights="
                f"{self.class_weights!r}. Leave `class_weights` out, or name {self.base} to weigh it otherwise."
            )
        if self.name == "Addons>WeightedKappaLoss" and self.class_weights != "none":
            raise ValueError(
                "Addons>WeightedKappaLoss has one value for a whole batch, so that its records cannot be weighed. "
                f"Received: class_weights={self.class_weights!r}. Set it to none."
            )
        return self

    @model_validator(mode="after")
    def _head_is_smoothed_most(self) -> "LossSettings":
        if self.tail_smoothing > self.head_smoothing:
            raise ValueError(
                "`head_smoothing` must be at least `tail_smoothing`: larger classes are smoothed more. "
                f"Received: head_smoothing={self.head_smoothing:g}, tail_smoothing={self.tail_smoothing:g}."
            )
        return self


class OptimizerSettings(_Settings):
    """How weights follow the gradient."""

    name: Annotated[str, known(*OPTIMIZERS, *ADDONS_OPTIMIZERS)] = Field(
        "adam",
        description="adam, adamw or sgd, which has momentum 0.9; or an optimizer of TensorFlow Addons, such as "
        "Addons>Lookahead.",
    )
    config: dict[str, Any] = Field(
        default_factory=dict, description="Optimizers of TensorFlow Addons only: their further arguments."
    )
    learning_rate: float = Field(0.001, gt=0, le=100, description="Step size once warm-up is over.")
    schedule: Literal["constant", "cosine", "step"] = Field(
        "constant",
        description="How the learning rate goes: cosine falls to 0 over all epochs, step by 0.01 at 80 % of them "
        "and by 0.01 again at 90 %.",
    )
    warmup_epochs: int = Field(
        0, ge=0, description="First epochs, in which the learning rate rises to its value step by step."
    )
    weight_decay: float = Field(0.0, ge=0, lt=1, description="Decoupled decay of the weights per step.")
    clip_norm: float | None = Field(
        None, gt=0, description="Longest gradient, over all weights together; null leaves it as it is."
    )
    backbone_rate: float = Field(
        1.0, ge=0, le=100, description="Share of the learning rate that the image's backbone gets."
    )

    @model_validator(mode="after")
    def _named_optimizer_takes_its_config(self) -> "OptimizerSettings":
        check_addons_available(self.name)
        if self.config and self.name in OPTIMIZERS:
            raise ValueError(
                "`config` works with optimizers of TensorFlow Addons alone. Received: config="
                f"{self.config} with name={self.name!r}. Leave it out."
            )
        if self.name in OPTIMIZERS:
            return self
        check_config("training.optimizer.config", self.name, self.config, ADDONS_OPTIMIZERS[self.name])
        if self.backbone_rate != 1:
            raise ValueError(
                f"`backbone_rate` works with {', '.join(OPTIMIZERS)} alone. Received: backbone_rate="
                f"{self.backbone_rate:g} with name={self.name!r}. Set it to 1, or name one of them."
            )
        return self

    @model_validator(mode="after")
    def _schedule_is_followed(self) -> "OptimizerSettings":
        if self.name in ADDONS_UNSCHEDULED and (self.schedule != "constant" or self.warmup_epochs):
            raise ValueError(
                f"{self.name} follows no schedule. Received: schedule={self.schedule!r}, warmup_epochs="
                f"{self.warmup_epochs}. Set them to constant and 0, or name another optimizer."
            )
        return self


class TrainingSettings(_Settings):
    """How long, on which batches, and by which figure the model is trained."""

    epochs: int = Field(30, ge=1, description="Most passes over the training records.")
    batch_size: int = Field(64, ge=1, description="Records per step.")
    sampling: Literal["natural", "class_balanced", "sqrt", "progressive"] = Field(
        "natural",
        description="How often each class is drawn: natural as often as it occurs, class_balanced as often as any "
        "other, sqrt by the square root of its count, progressive from natural in the first epoch to "
        "class_balanced in the last.",
    )
    optimizer: OptimizerSettings = Field(
        default_factory=OptimizerSettings, description="How weights follow the gradient."
    )
    deferred: int | None = Field(
        None,
        ge=1,
        description="Epochs trained before class weights set in (deferred re-weighting); null is from the first.",
    )
    second_stage: Literal["none", "crt", "tau_norm", "lws"] = Field(
        "none",
        description="How the classifier is balanced once the features are learnt: crt trains it anew on records "
        "drawn class-balanced, lws learns one scale per class on them, tau_norm brings the lengths of the class "
        "vectors nearer to each other.",
    )
    second_stage_epochs: int = Field(
        10, ge=1, description="crt and lws only: most epochs of the second stage, besides `epochs`."
    )
    ema: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Decay of the moving average of the weights that is evaluated and kept; null keeps the "
        "weights themselves.",
    )
    monitor: Monitor = Field("val_macro_f1", description="Figure that picks the best epoch.")
    patience: int | None = Field(
        10,
        ge=1,
        description="Epochs without a better `monitor` before training stops; null never stops early.",
    )
    mixed_precision: bool = Field(
        False, description="Compute in float16 where that is safe; pays on GPUs only."
    )

    @model_validator(mode="after")
    def _weights_set_in_before_the_end(self) -> "TrainingSettings":
        if self.deferred is not None and self.deferred >= self.epochs:
            raise ValueError(
                f"`deferred` must be below `epochs`, or class weights never set in. Received: deferred="
                f"{self.deferred} with epochs={self.epochs}. Set it to about 0.8 of `epochs`, or to null."
            )
        return self

    @model_validator(mode="after")
    def _training_outlasts_its_warm_up(self) -> "TrainingSettings":
        if self.optimizer.warmup_epochs >= self.epochs:
            raise ValueError(
                "`optimizer.warmup_epochs` must be below `epochs`. Received: optimizer.warmup_epochs="
                f"{self.optimizer.warmup_epochs} with epochs={self.epochs}. Set it to about 0.05 of `epochs`."
            )
        return self

    @model_validator(mode="after")
    def _monitor_is_comparable(self) -> "TrainingSettings":
        changes = [key for key in ("deferred", "second_stage") if getattr(self, key) not in (None, "none")]
        if changes and self.monitor == "val_loss":
            raise ValueError(
                f"`monitor` cannot be val_loss where the loss changes on the way, by {changes[0]}="
                f"{getattr(self, changes[0])}: values before and after do not compare. Set it to val_macro_f1."
            )
        return self


class TunerSettings(_Settings):
    """Search for hyperparameters before training."""

    enabled: bool = Field(False, description="Whether to search at all; `counterpoise tune` sets it.")
    algorithm: Literal["hyperband", "random", "bayesian", "grid"] = Field(
        "hyperband",
        description="How the next trial is chosen: hyperband tries many for few epochs and trains the best of them for "
        "longer, bayesian learns from the trials so far, grid goes through all values in turn.",
    )
    objective: Annotated[str, known(*get_args(Monitor))] | None = Field(
        None,
        description="Figure of the eval split that ranks the trials; null is val_average_precision of two classes and "
        "val_macro_f1 of more.",
    )
    max_trials: int = Field(20, ge=1, description="Most trials to run.")
    max_minutes: float | None = Field(
        None, gt=0, description="Minutes after which no further trial begins; null is no limit."
    )
    epochs: int | None = Field(
        None, ge=1, description="Most epochs of a trial; null is those of `training.epochs`."
    )
    pruning: bool = Field(
        True,
        description="Whether a trial stops whose figure falls behind the median of those before it; hyperband does so "
        "in its own way.",
    )
    parallel: int = Field(1, ge=1, description="Trials that run at the same time, each in its own process.")
    space: dict[str, Dimension] = Field(
        default_factory=dict,
        description="Settings to search over, by key: {choice: [...]}, {float: [least, greatest], log: true} or "
        "{int: [least, greatest]}; empty takes those that fit the data. May be written in a setting's place as well.",
    )


class ServingSettings(_Settings):
    """How the server gathers single requests into batches."""

    max_batch: int = Field(64, ge=1, description="Most records in one batch.")
    batch_timeout_ms: int = Field(
        5, ge=0, description="Longest wait, in milliseconds, for a batch to fill before it is run."
    )
