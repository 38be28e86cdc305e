"""Finds the versions of a model, and its name."""

import os
from dataclasses import dataclass
from pathlib import Path

from core.documents.metrics import Metrics

GRAPH_FILE = "saved_model.pb"


class NothingToServe(ValueError):
    """Says that a folder holds no model, or that an address cannot be had, and the way out."""


@dataclass(frozen=True)
class ModelDirectory:
    """A serving folder.

    Attributes:
        folder: Holds one folder per version, named by its number.
        name: The model's name in addresses.
    """

    folder: str
    name: str


def find_model_directory(directory: str, name: str | None = None) -> ModelDirectory:
    """Finds the versions in the output folder of a run, or in a serving folder.

    Args:
        directory: Either of the two.
        name: The model's name; default is the name in metrics.json, else that of the folder.

    Raises:
        NothingToServe: There is no version, or the name cannot stand in an address.
    """
    given = Path(os.path.abspath(directory))
    inside = given / "serving"
    folder = inside if inside.is_dir() else given
    if not versions_in(str(folder)):
        raise NothingToServe(_why_nothing(given, folder))
    run = folder.parent if folder.name == "serving" else folder
    found = name or Metrics.experiment_of(str(run)) or run.name
    if not found or set(found) & set("/:"):
        raise NothingToServe(
            f"A model's name stands in addresses, so it has letters, and no slash and no colon. "
            f"Received: name={found!r}. Give another with --name."
        )
    return ModelDirectory(str(folder), found)


def versions_in(folder: str) -> list[int]:
    """Lists the versions in a serving folder, rising; those without a graph file are left out."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    numbered = [one for one in names if one.isascii() and one.isdigit() and int(one) < 2**63]
    return sorted({int(one) for one in numbered if os.path.isfile(os.path.join(folder, one, GRAPH_FILE))})


def version_folder(folder: str, version: int) -> str:
    """Returns the folder of a version, whose name may have zeros in front."""
    for one in sorted(os.listdir(folder)):
        if one.isascii() and one.isdigit() and int(one) == version:
            return os.path.join(folder, one)
    return os.path.join(folder, str(version))


def _why_nothing(given: Path, folder: Path) -> str:
    if not given.is_dir():
        return f"{given} is not a folder. Name the output folder of `counterpoise run`, or a serving folder."
    if (given / GRAPH_FILE).is_file():
        return f"{given} is one version of a model. Name the folder it is in: {given.parent}."
    if (given / Metrics.FILE_NAME).is_file():
        return f"The run in {given} has pushed no model: its report says why it was not blessed."
    return (
        f"{folder} holds no version of a model: a folder named by a number, with a {GRAPH_FILE} in it. "
        "Name the output folder of `counterpoise run`, or a serving folder."
    )
