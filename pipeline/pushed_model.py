"""Finds a version of a pushed model and reads the files beside it."""

import json
import os
from dataclasses import dataclass

from core.documents.raw_inputs import FEATURES_ASSET, read_raw_inputs
from core.errors import InputError
from models.serving.server.model_directory import (
    NothingToServe,
    find_model_directory,
    version_folder,
    versions_in,
)
from pipeline.output.read_errors import explain_read_errors


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

    def features(self) -> list[dict[str, str]]:
        """Returns the inputs of `predict_raw`, each with `name`, `input` and `kind`."""
        path = os.path.join(self.folder, FEATURES_ASSET)
        with explain_read_errors(path):
            content = read_raw_inputs(self.folder)
            features = None if content is None else [dict(one) for one in content["features"]]
        if features is None:
            raise _not_there(path)
        return features

    def classes(self) -> list[str]:
        """Returns the classes in the order of the probabilities."""
        path = os.path.join(self.folder, "assets.extra", "decision.json")
        try:
            with explain_read_errors(path), open(path, encoding="utf-8") as handle:
                names: list[str] = json.load(handle)["classes"]
        except FileNotFoundError:
            raise _not_there(path) from None
        return names


def _not_there(path: str) -> InputError:
    return InputError(
        f"{path} does not exist: this version was not pushed by `counterpoise run`, or by one that did "
        "not write it yet. Run the experiment again."
    )


def find_pushed_model(directory: str, version: int | None = None) -> PushedModel:
    """Finds a version of a model.

    Args:
        directory: Output folder of a run, or a serving folder.
        version: Its number; default is the highest.

    Raises:
        InputError: There is none.
    """
    try:
        found = find_model_directory(directory)
    except NothingToServe as error:
        raise InputError(str(error)) from error
    versions = versions_in(found.folder)
    if version is not None and version not in versions:
        raise InputError(
            f"--version: there is no version {version} in {found.folder}. "
            f"Versions: {', '.join(map(str, versions))}."
        )
    chosen = versions[-1] if version is None else version
    return PushedModel(found.name, chosen, version_folder(found.folder, chosen))
