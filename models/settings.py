"""What an experiment says of its model: network, loss, training, search, serving."""

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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
LOSSES = ("cross_entropy", "focal", "class_balanced", "ldam", "balanced_softmax", "logit_adjusted")

Monitor = Literal["val_macro_f1", "val_balanced_accuracy", "val_accuracy", "val_loss"]


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


def available(*values: Any) -> AfterValidator:
    """Refuses a known value whose feature does not exist yet, and lists the values that do."""

    def check(value: Any) -> Any:
        if value not in values:
            received = repr(value) if isinstance(value, str) else _as_yaml(value)
            raise ValueError(
                f"{received} is not available yet. Available: {', '.join(map(_as_yaml, values))}."
            )
        return value

    return AfterValidator(check)


class _Settings(BaseModel):
    # A NaN learning rate would pass no bound and still be accepted without allow_inf_nan.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


ImageSide = Annotated[int, Field(ge=8, le=1024)]
LayerUnits = Annotated[int, Field(ge=1, le=8192)]


class ImageModelSettings(_Settings):
    """The encoder that turns an image into features."""

    backbone: Annotated[str, known(*IMAGE_BACKBONES), available("small_cnn")] = Field(
        "small_cnn", description="small_cnn, resnet32, or the name of a keras.applications model."
    )
    alpha: float = Field(1.0, gt=0, le=4, description="Multiplies the number of filters of every layer.")
    weights: Annotated[str | None, available(None)] = Field(
        None, description="imagenet, the path of a weights file, or null to start from random weights."
    )
    size: tuple[ImageSide, ImageSide] = Field(
        (64, 64), description="Height and width that images are resized to, each 8 to 1024 pixels."
    )
    channels: Literal[1, 3] = Field(3, description="1 reads images as grey, 3 as red, green and blue.")
    fine_tune: Annotated[Literal["all", "last_block", "none"], available("all")] = Field(
        "all", description="Which part of the backbone is trained."
    )
    dropout: float = Field(0.2, ge=0, lt=1, description="Share of the image features dropped in training.")


class TabularModelSettings(_Settings):
    """The encoder that turns numeric and categorical columns into features."""

    encoder: Annotated[Literal["mlp", "feature_attention"], available("mlp")] = Field(
        "mlp", description="mlp is dense layers; feature_attention lets columns attend to each other."
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


class ModelSettings(_Settings):
    """The network from its inputs to one logit per class."""

    image: ImageModelSettings = Field(default_factory=ImageModelSettings, description="Encoder of images.")
    tabular: TabularModelSettings = Field(
        default_factory=TabularModelSettings, description="Encoder of numeric and categorical columns."
    )
    attention: Annotated[
        Literal["none", "squeeze_excitation", "cbam", "self_attention"], available("none")
    ] = Field("none", description="Attention over the image features.")
    branches: Annotated[Literal["single", "bilateral", "experts", "class_groups"], available("single")] = (
        Field("single", description="single is one classifier; the others split the work between several.")
    )
    embedding_units: int = Field(
        64, ge=1, le=8192, description="Length of the vector that stands for a record just before the logits."
    )


class LossSettings(_Settings):
    """What training minimises, and how much each class weighs in it."""

    name: Annotated[str, known(*LOSSES), available("cross_entropy", "focal")] = Field(
        "cross_entropy",
        description="cross_entropy is the default: the only one whose probabilities need no other correction "
        "than that of the class weights.",
    )
    gamma: float = Field(
        2.0, ge=0, le=20, description="focal only: how strongly easy examples are played down."
    )
    class_weights: Literal["none", "inverse", "sqrt_inverse", "effective_number"] = Field(
        "sqrt_inverse",
        description="Weight of a class by its count n. sqrt_inverse (1/sqrt n) is the default: it favours rare "
        "classes without the few records of the rarest outweighing all others, as with inverse (1/n).",
    )
    beta: float = Field(
        0.999, ge=0, lt=1, description="effective_number only: 0 weighs classes alike, close to 1 is inverse."
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="cross_entropy only: share of the target spread evenly over all classes."
    )

    @model_validator(mode="after")
    def _smoothing_has_an_effect(self) -> "LossSettings":
        if self.label_smoothing and self.name != "cross_entropy":
            raise ValueError(
                f"`label_smoothing` works with cross_entropy alone. Received: label_smoothing="
                f"{self.label_smoothing:g} with name={self.name!r}. Set it to 0, or name cross_entropy."
            )
        return self


class OptimizerSettings(_Settings):
    """How weights follow the gradient."""

    name: Literal["adam", "adamw", "sgd"] = Field(
        "adam", description="Keras optimizer; sgd has momentum 0.9."
    )
    learning_rate: float = Field(0.001, gt=0, le=100, description="Step size at the start of training.")
    weight_decay: float = Field(0.0, ge=0, lt=1, description="Decoupled decay of the weights per step.")


class TrainingSettings(_Settings):
    """How long, on which batches, and by which figure the model is trained."""

    epochs: int = Field(30, ge=1, description="Most passes over the training records.")
    batch_size: int = Field(64, ge=1, description="Records per step.")
    sampling: Annotated[Literal["natural", "class_balanced", "sqrt", "progressive"], available("natural")] = (
        Field("natural", description="How often each class is drawn; natural is as often as it occurs.")
    )
    optimizer: OptimizerSettings = Field(
        default_factory=OptimizerSettings, description="How weights follow the gradient."
    )
    deferred: Annotated[int | None, available(None)] = Field(
        None, description="Epoch at which class weights set in; null is from the first."
    )
    second_stage: Annotated[Literal["none", "crt", "tau_norm", "lws"], available("none")] = Field(
        "none", description="How the classifier is balanced once the features are learnt."
    )
    monitor: Monitor = Field("val_macro_f1", description="Figure that picks the best epoch.")
    patience: int | None = Field(
        10,
        ge=1,
        description="Epochs without a better `monitor` before training stops; null never stops early.",
    )
    mixed_precision: Annotated[bool, available(False)] = Field(
        False, description="Compute in float16 where that is safe; pays on GPUs only."
    )


class TunerSettings(_Settings):
    """Search for hyperparameters before training."""

    enabled: Annotated[bool, available(False)] = Field(False, description="Whether to search at all.")
    algorithm: Literal["hyperband", "random", "bayesian", "grid"] = Field(
        "hyperband", description="How the next trial is chosen."
    )
    objective: Monitor = Field("val_macro_f1", description="Figure that ranks the trials.")
    max_trials: int = Field(20, ge=1, description="Most trials to run.")
    parallel: int = Field(1, ge=1, description="Trials that run at the same time.")


class ServingSettings(_Settings):
    """How the server gathers single requests into batches."""

    max_batch: int = Field(64, ge=1, description="Most records in one batch.")
    batch_timeout_ms: int = Field(
        5, ge=0, description="Longest wait, in milliseconds, for a batch to fill before it is run."
    )
