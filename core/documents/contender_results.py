"""ContenderResults: what plain baselines reached on the same splits, as Contenders writes it."""

from typing import Any, ClassVar

from core.documents.document import Document, Part
from core.documents.scores import ClassScores, Confusion, Summary
from core.documents.values import Number


class ContenderRule(Part):
    """Decision rule of a contender: its name, and the weights of the classes, None for costs."""

    name: str | None = None
    weights: dict[str, Number] | None = None


class ContenderResult(Part):
    """What one contender reached; nothing but notes where it could not take part.

    Attributes:
        summary: Scores of all classes together.
        per_class: Scores of each class.
        confusion: Confusion counts.
        rule: Its decision rule.
        seconds: Time that it took; metrics.json of a finished run has it elsewhere.
        notes: What is to be said of it, in sentences.
        mean_cost: Of a test record, where costs depend on the record; left out elsewhere.
    """

    summary: Summary
    per_class: dict[str, ClassScores]
    confusion: Confusion
    rule: ContenderRule
    seconds: Number | None = None
    notes: tuple[str, ...]
    mean_cost: Number | None = None

    def with_note(self, note: str) -> "ContenderResult":
        """Returns the result with one more sentence."""
        return self.model_copy(update={"notes": (*self.notes, note)})

    def without_seconds(self) -> "ContenderResult":
        """Returns the result without its time, which differs between equal runs."""
        kept = {name: getattr(self, name) for name in self.model_fields_set - {"seconds"}}
        return ContenderResult(**kept)


class ContenderResults(Document):
    """What the contenders reached, by name."""

    FILE_NAME: ClassVar[str] = "contenders.json"

    contenders: dict[str, ContenderResult]

    @classmethod
    def of_unversioned(cls, content: Any) -> Any:
        """Returns the content from the bare results by name, which a document without a version is."""
        return {"contenders": content}
