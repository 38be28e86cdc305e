"""What training minimises."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from core.settings import Settings
from models.named_classes import ADDONS_LOSSES, KERAS_LOSSES, check_addons_available, check_config, plain_name
from models.settings.base import known

LOSSES = (
    *("cross_entropy", "focal", "class_balanced", "ldam", "balanced_softmax", "logit_adjusted"),
    *("asymmetric_focal", "label_aware_smoothing"),
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


class LossSettings(Settings):
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
