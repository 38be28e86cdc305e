"""RawInputs: the raw features of a SavedModel, as its exporter writes them beside it."""

import os
from typing import ClassVar, Literal

from core.documents.document import Document, Part
from core.documents.file_access import LOCAL, FileAccess


class RawFeature(Part):
    """One raw feature.

    Attributes:
        name: Its name in the data.
        input: The input of `predict_raw` that stands for it.
        kind: What it holds.
    """

    name: str
    input: str
    kind: Literal["image", "number", "whole", "text"]


class RawInputs(Document):
    """What the inputs of `predict_raw` stand for.

    Attributes:
        label: The feature of the class.
        image: The feature of the encoded image; None where there is none.
        features: A feature for each input.
    """

    FILE_NAME: ClassVar[str] = os.path.join("assets.extra", "features.json")

    label: str
    image: str | None
    features: tuple[RawFeature, ...]

    def by_input(self) -> dict[str, RawFeature]:
        """Returns the features by the inputs that stand for them."""
        return {one.input: one for one in self.features}


def features_by_input(folder: str, files: FileAccess = LOCAL) -> dict[str, RawFeature]:
    """Returns the raw features of a SavedModel by the inputs that stand for them; none of another exporter's.

    Args:
        folder: Of the SavedModel.
        files: Access to the file system that the folder is on.
    """
    raw_inputs = RawInputs.read_if_there(folder, files)
    return {} if raw_inputs is None else raw_inputs.by_input()
