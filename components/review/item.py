"""Item: a record that a person should look at, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["label", "contradiction", "worth a label", "unlike"]


@dataclass(frozen=True)
class Item:
    """A record to look at.

    Attributes:
        key: Of the record: an image's path, or a table's name and row.
        where: The split it is in, or the new data it is of.
        label: Its class; None of a record without one.
        suggested: The class it is more probably of.
        kind: Why it is here: its label is doubtful, a record like it has another class, it has no class and is worth one,
            or it is unlike all that was trained on.
        reason: The same in a sentence.
        score: In [0, 1], how strong the reason is; comparable within a kind.
        picture: Of the record, as a data URI, or None.
        values: Its columns, name to text.
    """

    key: str
    where: str
    label: str | None
    suggested: str
    kind: Kind
    reason: str
    score: float
    picture: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether it is of new data, and not of the run's."""
        return self.label is None
