"""Finds a version of a pushed model and reads the files beside it."""

from dataclasses import dataclass
from typing import TypeVar

from core.documents.decision import Decision
from core.documents.document import Document
from core.documents.raw_inputs import RawFeature, RawInputs
from core.errors import InputError
from models.serving.server.model_directory import (
    NothingToServe,
    find_model_directory,
    version_folder,
    versions_in,
)

_Document = TypeVar("_Document", bound=Document)


@dataclass(frozen=True)
class PushedModel:
    """One version.

    Attributes:
        name: The model's name.
        version: The version's number.
        folder: Of the SavedModel.
    """

    name: str
    version: int
    folder: str

    def features(self) -> tuple[RawFeature, ...]:
        """Returns the raw features that the inputs of `predict_raw` stand for."""
        return self._read(RawInputs).features

    def classes(self) -> list[str]:
        """Returns the classes in the order of the probabilities."""
        return list(self.decision().classes)

    def decision(self) -> Decision:
        """Returns how the model decides."""
        return self._read(Decision)

    def _read(self, kind: type[_Document]) -> _Document:
        if not kind.is_in(self.folder):
            raise InputError(
                f"{kind.path(self.folder)} does not exist: this version was not pushed by `counterpoise run`, or by "
                "one that did not write it yet. Run the experiment again."
            )
        return kind.read(self.folder)


def find_pushed_model(directory: str, version: int | None = None) -> PushedModel:
    """Finds a version of a model.

    Args:
        directory: Output folder of a run, or a serving folder.
        version: Its number; default is the highest.

    Raises:
        InputError: There is none.
    """
    try:
        place = find_model_directory(directory)
    except NothingToServe as error:
        raise InputError(str(error)) from error
    versions = versions_in(place.folder)
    if version is not None and version not in versions:
        raise InputError(
            f"--version: there is no version {version} in {place.folder}. "
            f"Versions: {', '.join(map(str, versions))}."
        )
    chosen = versions[-1] if version is None else version
    return PushedModel(place.name, chosen, version_folder(place.folder, chosen))
