"""Decision by a queue: the records likeliest to be of a class, as many as there is time for."""

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind
from core.canonical_text import clean_text
from core.named_in_data import ClassName
from core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from components.decision_calibrator.rule import QueueSize, Rule

# Sizes that the report shows beside the one asked for.
_OTHER_SIZES = (0.5, 2.0)


class QueueSettings(Settings):
    """The class that is looked for, and how many records can be read."""

    class_name: ClassName = Field(alias="class", description="The class whose likeliest records are read.")
    share: float = Field(
        gt=0,
        lt=1,
        description="Most records that can be read, as a share of all: 0.002 is two in a thousand.",
    )

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "per_day" in value:
            raise ValueError(
                "per_day needs the time of every record, which no setting of data names in this release. "
                f"Received: per_day={value['per_day']!r}. Give share instead: the cases read in a day by the "
                "records that arrive in one."
            )
        name = value.get("class")
        # As the readers spell classes.
        return {**value, "class": clean_text(name)} if isinstance(name, str) else value


class Capacity(Settings):
    """Decides for a class in as many records as can be read, the likeliest first."""

    capacity: QueueSettings = Field(description="The class and the share of the records.")


def _fit(settings: Capacity, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.rule import Queue, Rule

    queue = settings.capacity
    index = records.classes.index(queue.class_name)
    sizes = [
        _size(factor * queue.share, index, records) for factor in _OTHER_SIZES if factor * queue.share < 1
    ]
    return Rule.of_queue(
        "capacity",
        len(records.classes),
        Queue(index, _size(queue.share, index, records), tuple(sizes)),
    )


def _size(share: float, index: int, records: HeldOutRecords) -> "QueueSize":
    from components.decision_calibrator.rule import QueueSize
    from components.decision_calibrator.share_threshold import threshold_of_share, threshold_spread

    scores = records.probabilities[:, index]

    def find(weights: "np.ndarray") -> float:
        return threshold_of_share(scores, weights, share, ceiling=1.0)

    threshold = find(records.weights)
    spread = threshold_spread(find, records.weights, records.labels, records.seed)
    return QueueSize(share, threshold, spread, int((scores > threshold).sum()))


CAPACITY = RuleKind(
    "capacity",
    _fit,
    "the class of the queue in as many records as can be read, the likeliest first, and the likeliest other class "
    "everywhere else",
    usage="{capacity: {class: NAME, share: 0.002}}",
    settings=Capacity,
)
