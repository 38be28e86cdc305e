"""Settings of the model's probabilities and decisions."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from components.decision_calibrator.abstain_settings import AbstainSettings
from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.rules.cost_matrix import CostMatrix
from components.decision_calibrator.rules.table import RULES, rule_kind, usage
from components.decision_calibrator.unknown_settings import UnknownSettings
from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings

Share = Annotated[float, Field(gt=0, lt=1)]

_NAMED = tuple(kind.name for kind in RULES if kind.settings is None)
_WITH_SETTINGS = {kind.name: kind.settings for kind in RULES if kind.settings is not None}


def _tag(choice: Any) -> str | None:
    """Names the kind of rule that is meant, so that no other kind's faults are told of it."""
    if isinstance(choice, dict):
        return next((_tagged(name) for name in _WITH_SETTINGS if name in choice), None)
    if isinstance(choice, Settings):
        return next(_tagged(name) for name, kind in _WITH_SETTINGS.items() if isinstance(choice, kind))
    return _tagged("named")


def _tagged(name: str) -> str:
    return f"rule[{name}]"


_EXPECTED = (
    f"Expected one of {', '.join(_NAMED)}, or a table with one of the keys {', '.join(_WITH_SETTINGS)}"
)

if TYPE_CHECKING:
    RuleChoice = str | Settings
else:
    RuleChoice = Annotated[
        Union[  # noqa: UP007
            tuple(
                [
                    Annotated[Literal[_NAMED], Tag(_tagged("named"))],
                    *(Annotated[kind, Tag(_tagged(name))] for name, kind in _WITH_SETTINGS.items()),
                ]
            )
        ],
        Discriminator(_tag, custom_error_type="rule_kind", custom_error_message=_EXPECTED),
    ]


class DecisionSettings(Settings):
    """How probabilities are corrected and how a decision is drawn from them."""

    calibrate: bool = Field(
        True, description="Whether the model's confidence is calibrated on the eval split."
    )
    method: Literal["temperature", "bias_corrected", "vector"] = Field(
        "temperature",
        description="temperature has one number; bias_corrected one more a class, for losses whose prior is not "
        "known exactly; vector two a class. The latter two want some hundred eval records of every class.",
    )
    prior: Literal["train"] | dict[ClassName, Share] = Field(
        "train",
        description="Class shares that the served probabilities assume: those of the train split before "
        "augmentation, or {class: share} of where the model will be used.",
    )
    rule: RuleChoice = Field("argmax", description=usage())
    costs: CostSettings | None = Field(
        None,
        description="Costs that depend on the record, in place of a rule: {class: fraud, miss: {column: amount}, "
        "false_alarm: 5}; decides for the class where acting on it costs less in the mean than not acting.",
    )
    abstain: AbstainSettings | None = Field(
        None,
        description="Which records are left to a person, with the decision `abstain`: {max_share: 0.05}, {max_error: 0.01} "
        "or {cost: 0.2}; null decides on all.",
    )

    coverage: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Answers a set of classes besides, which holds the true one for this share of the records of every "
        "class: 0.9; null answers none.",
    )
    unknown: UnknownSettings | None = Field(
        None,
        description="Calls records that are unlike all that was trained on `unknown`: {max_false_alarm: 0.01} for at most "
        "one in a hundred of the known ones; null calls none so.",
    )

    _clean_classes = field_validator("prior", mode="before")(by_clean_class)

    @model_validator(mode="after")
    def _costs_are_the_rule(self) -> "DecisionSettings":
        if self.costs is not None and self.rule != "argmax":
            rule = self.rule if isinstance(self.rule, str) else rule_kind(self.rule).name
            raise ValueError(
                "decision.costs decides by itself, and so does decision.rule. Received: decision.costs with "
                f"decision.rule={rule}. Take one of them out; argmax, the default, may stand beside costs."
            )
        return self

    @model_validator(mode="after")
    def _rule_knows_costs(self) -> "DecisionSettings":
        cost = None if self.abstain is None else self.abstain.cost
        if cost is None:
            return self
        if self.costs is not None:
            dearest = self.costs.dearest or float("inf")
        elif isinstance(self.rule, CostMatrix):
            dearest = max(1.0, *(one for row in self.rule.cost_matrix.values() for one in row.values()))
        elif self.rule == "argmax":
            dearest = 1.0
        else:
            raise ValueError(
                "decision.abstain.cost is held against what a decision costs in the mean, which only decision.costs and the rules "
                f"argmax (1 a mistake) and cost_matrix know. Received: decision.abstain.cost={cost:g} with another rule. Choose one of "
                "them, or decision.abstain.max_share or max_error."
            )
        if cost >= dearest:
            raise ValueError(
                f"decision.abstain.cost: the dearest mistake costs {dearest:g}, so that a person is never asked. Received: "
                f"{cost:g}. Set it lower, or say what mistakes cost in decision.rule.cost_matrix or decision.costs."
            )
        return self

    @field_validator("prior")
    @classmethod
    def _shares_sum_to_one(cls, value: str | dict[str, float]) -> str | dict[str, float]:
        if isinstance(value, dict) and abs(sum(value.values()) - 1) > 1e-3:
            raise ValueError(
                f"Expected the share of every class, with a sum of 1. Received: {value}, with a sum of "
                f"{sum(value.values()):g}"
            )
        return value
