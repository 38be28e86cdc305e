"""Loss section of an experiment: name, arguments and class weights."""

from typing import Annotated, Any

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from models.catalogue.losses import CLASS_WEIGHTS, LOSSES
from models.catalogue.row import (
    declared,
    in_order,
    listed,
    names_by_field,
    names_of,
    one_of,
    row_of,
    settings_of,
)
from models.named_classes import ADDONS_LOSSES, KERAS_LOSSES, check_addons_available, check_config, plain_name
from models.settings.base import known

_NAMES = names_of(LOSSES)


def _with_weights(scheme: str) -> str:
    return listed(row.name for row in LOSSES if row.class_weights == scheme)


_FIELDS: dict[str, Any] = {
    "name": (
        Annotated[str, known(*_NAMES, *KERAS_LOSSES, *ADDONS_LOSSES)],
        Field(
            "cross_entropy",
            description="cross_entropy is the default: the only one whose probabilities need no other correction "
            "than that of the class weights. Besides our own, a loss of Keras by its class, such as "
            "CategoricalHinge, or of TensorFlow Addons, such as Addons>SigmoidFocalCrossEntropy.",
        ),
    ),
    "config": (
        dict[str, Any],
        Field(
            default_factory=dict, description="Losses of Keras and TensorFlow Addons only: their arguments."
        ),
    ),
    "class_weights": (
        one_of(*CLASS_WEIGHTS),
        Field(
            "sqrt_inverse",
            description="Weight of a class by its count n. sqrt_inverse (1/sqrt n) is the default: it favours rare "
            "classes without the few records of the rarest outweighing all others, as with inverse (1/n). The "
            f"default is effective_number for {_with_weights('effective_number')}, and none for {_with_weights('none')}, "
            "which reckon with the counts themselves, and for losses that are not our own.",
        ),
    ),
    "beta": (
        float,
        Field(
            0.999,
            ge=0,
            lt=1,
            description="effective_number only: 0 weighs classes alike, close to 1 is inverse.",
        ),
    ),
    **declared(LOSSES),
    "contrastive": (
        float,
        Field(
            0.0,
            ge=0,
            le=100,
            description="Weight of the supervised contrastive loss, which draws the embeddings of a class together "
            "and those of others apart, beside the loss named; 0 is off.",
        ),
    ),
    "contrastive_temperature": (
        float,
        Field(
            0.1, gt=0, le=100, description="contrastive only: the lower, the more the nearest records count."
        ),
    ),
}
# TFX compares what was run before by the text of the settings: keys that were there keep their places in it.
_FIRST = ("name", "config", "gamma", "class_weights", "beta", "label_smoothing", "base", "tau")
_LossFields: Any = settings_of("_LossFields", in_order(_FIELDS, first=_FIRST))


class LossSettings(_LossFields):
    """What training minimises, and how much each class weighs in it."""

    @property
    def log_prior(self) -> float:
        """How much of the log prior the loss adds to the logits, tau in `n**(1 - tau)`."""
        if self.name not in _NAMES:
            return 0.0
        share = row_of(LOSSES, self.name).log_prior
        return getattr(self, share) if isinstance(share, str) else share

    @model_validator(mode="wrap")
    @classmethod
    def _fill_in_by_name(
        cls, values: Any, handler: ModelWrapValidatorHandler["LossSettings"]
    ) -> "LossSettings":
        if not isinstance(values, dict) or not isinstance(values.get("name"), str):
            return handler(values)
        name = plain_name(values["name"])
        loss = handler({"class_weights": _default_weights(name), **values, "name": name})
        if "class_weights" not in values:
            # A default, over which a recipe may go.
            loss.model_fields_set.discard("class_weights")
        return loss

    @model_validator(mode="after")
    def _named_loss_takes_its_config(self) -> "LossSettings":
        check_addons_available(self.name)
        if self.config and self.name in _NAMES:
            raise ValueError(
                "`config` works with losses of Keras and TensorFlow Addons alone. Received: config="
                f"{self.config} with name={self.name!r}. Set the keys of `loss` instead."
            )
        if self.name not in _NAMES:
            check_config("loss.config", self.name, self.config, {**KERAS_LOSSES, **ADDONS_LOSSES}[self.name])
        return self

    @model_validator(mode="after")
    def _every_key_has_an_effect(self) -> "LossSettings":
        by_field = names_by_field(LOSSES)
        for key, field in type(self).model_fields.items():
            value, default, losses = getattr(self, key), field.default, by_field.get(key)
            if losses and value != default and self.name not in losses:
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
    def _fields_suit_the_loss(self) -> "LossSettings":
        if self.name == "Addons>WeightedKappaLoss" and self.class_weights != "none":
            raise ValueError(
                "Addons>WeightedKappaLoss has one value for a whole batch, so that its records cannot be weighed. "
                f"Received: class_weights={self.class_weights!r}. Set it to none."
            )
        check = row_of(LOSSES, self.name).check if self.name in _NAMES else None
        if check is not None:
            check(self)
        return self


def _default_weights(name: str) -> str:
    if name in _NAMES:
        return row_of(LOSSES, name).class_weights
    return "none" if name in KERAS_LOSSES or name in ADDONS_LOSSES else "sqrt_inverse"
