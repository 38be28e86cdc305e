"""Decision by class weights that hold the least precision wanted of some classes."""

from operator import attrgetter
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from components.decision_calibrator.rules.floor import Floor
from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind
from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings

if TYPE_CHECKING:
    from components.decision_calibrator.rule import Rule


class MinPrecision(Settings):
    """Least precision that classes must reach on the eval split; else macro-F1 is made as high as it goes."""

    min_precision: dict[ClassName, Floor] = Field(min_length=1, description="Class to precision in (0, 1].")

    _clean_classes = field_validator("min_precision", mode="before")(by_clean_class)


def _fit(settings: MinPrecision, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.fit_weights import fit_weights, floors_of
    from components.evaluation.objectives import with_floors

    floors = floors_of(settings.min_precision, records.classes)
    return fit_weights("min_precision", with_floors(floors, attrgetter("precision")), records)


MIN_PRECISION = RuleKind(
    "min_precision",
    _fit,
    "the class of the highest weighted probability; the weights hold every least precision on eval",
    usage="{min_precision: {class: 0.9}}",
    settings=MinPrecision,
)
