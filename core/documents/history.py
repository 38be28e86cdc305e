"""History: the figures of every epoch, as the Trainer writes them."""

from typing import Any, ClassVar, TypeAlias

from core.documents.document import Document
from core.documents.values import Number

# Which figures there are depends on the metrics that the network was compiled with.
Epoch: TypeAlias = dict[str, Number | str | None]


class History(Document):
    """The epochs over all stages of the training.

    Attributes:
        epochs: Figures of each epoch by name; `epoch` counts from 1, and `stage` names the stage.
    """

    FILE_NAME: ClassVar[str] = "history.json"

    epochs: tuple[Epoch, ...]

    @classmethod
    def of_unversioned(cls, content: Any) -> Any:
        """Returns the content from the bare list of epochs, which a document without a version is."""
        return {"epochs": content}
