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
    """The class that is looked for, and how many records can be read.

    A queue of so many a day gets its share, beside them, once it is known how many arrive in a day.
    """

    class_name: ClassName = Field(alias="class", description="The class whose likeliest records are read.")
    share: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Most records that can be read, as a share of all: 0.002 is two in a thousand.",
    )
    per_day: float | None = Field(
        None,
        gt=0,
        description="Instead of `share`, how many records can be read in a day; `data.time` says how many arrive in one.",
    )

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        name = value.get("class")
        # As the readers spell classes.
        return {**value, "class": clean_text(name)} if isinstance(name, str) else value

    @model_validator(mode="after")
    def _one_size(self) -> "QueueSettings":
        if (self.share is None) == (self.per_day is None):
            raise ValueError(
                "Expected either share, of all records, or per_day, of those that arrive in a day. Received: "
                f"share={self.share} and per_day={self.per_day}"
            )
        return self


class Capacity(Settings):
    """Decides for a class in as many records as can be read, the likeliest first."""

    capacity: QueueSettings = Field(description="The class and the share of the records.")


def _fit(settings: Capacity, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.rule import Queue, Rule

    queue = settings.capacity
    index, share = records.classes.index(queue.class_name), queue.share
    if share is None:
        raise ValueError("Expected the share that per_day is of a day's records: see with_share_of_day.")
    sizes = [_size(factor * share, index, records) for factor in _OTHER_SIZES if factor * share < 1]
    return Rule.of_queue(
        "capacity",
        len(records.classes),
        Queue(index, _size(share, index, records), tuple(sizes)),
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
