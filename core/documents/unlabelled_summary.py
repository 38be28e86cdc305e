"""UnlabelledSummary: what became of new data, as UnlabelledExampleGen writes it."""

from typing import ClassVar

from core.documents.document import Document
from core.documents.values import Count


class UnlabelledSummary(Document):
    """What became of new data.

    Attributes:
        records: Records written.
        left_out: Key of each bad record, and why it cannot be used.
        files_left_out: Path of each thing that is no record, and why.
    """

    FILE_NAME: ClassVar[str] = "unlabelled_summary.json"

    records: Count
    left_out: tuple[tuple[str, str], ...]
    files_left_out: tuple[tuple[str, str], ...]

    def sentences(self) -> list[str]:
        """Says of everything left out what it is, and why."""
        return [f"{key} {why}" for key, why in (*self.left_out, *self.files_left_out)]
