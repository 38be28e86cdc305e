"""ServingReport: how the exported model answered in a fresh process, as ServingValidator writes it."""

from typing import ClassVar

from pydantic import StrictBool

from core.documents.document import Document, Part
from core.documents.values import Count, Number


class RequestOutcome(Part):
    """What came of one kind of request to one signature.

    Attributes:
        kind: What was asked, in words.
        signature: Name of the signature.
        expected: `answer` or `refuse`.
        records: Records asked.
        answered: Those that were answered.
        refused: Those that were not.
        error: The first message of a refusal, or None.
        largest_difference: Of any probability from the Python model's; None where there is none to compare.
        problems: What is wrong, in sentences.
    """

    kind: str
    signature: str
    expected: str
    records: Count
    answered: Count
    refused: Count
    error: str | None
    largest_difference: Number | None
    problems: tuple[str, ...]


class ServingFigures(Part):
    """What metrics.json says of the exported model.

    Attributes:
        blessed: Whether it is fit for serving.
        records: Test records asked.
        tolerance: Most that a raw probability may be off; None where the model did not come to answer.
        signatures: By name why it was not asked, or None.
        requests: What came of each kind of request.
    """

    blessed: StrictBool
    records: Count
    tolerance: Number | None = None
    signatures: dict[str, str | None]
    requests: tuple[RequestOutcome, ...]


class ServingReport(Document):
    """Whether the exported model is fit for serving.

    Attributes:
        blessed: Whether it is.
        not_blessed_because: Why not, in sentences.
        signatures: By name why it was not asked, or None.
        tolerance: Most that a raw probability may be off; None where the model did not come to answer.
        requests: What came of each kind of request.
        records: Test records asked.
        seconds: Time that it took.
    """

    FILE_NAME: ClassVar[str] = "report.json"

    blessed: StrictBool
    not_blessed_because: tuple[str, ...]
    signatures: dict[str, str | None]
    tolerance: Number | None = None
    requests: tuple[RequestOutcome, ...]
    records: Count
    seconds: Number

    def figures(self) -> ServingFigures:
        """Returns what metrics.json says of it."""
        kept = {
            name: getattr(self, name) for name in ServingFigures.model_fields if name in self.model_fields_set
        }
        return ServingFigures(**kept)
