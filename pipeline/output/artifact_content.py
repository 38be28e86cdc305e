"""Records an artifact's files when its stage is done, and finds later changes."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from tfx.types import Artifact

PROPERTY = "content"
_BLOCK = 2**20
# As long as size and time of change are the same, a file is not read again.
_Entry = tuple[int, int, str]


def describe_content(folder: str) -> str:
    """Describes all files below a folder as JSON: path to size, time of change in nanoseconds and SHA-256."""
    return json.dumps({name: _entry(os.path.join(folder, name)) for name in _files(folder)}, sort_keys=True)


def find_damage(artifact: Artifact) -> str | None:
    """Says what is wrong with an artifact that a stage of this or an earlier run wrote.

    Args:
        artifact: The artifact. Of one that an older version of this project wrote no more is known than that it
            was there.

    Returns:
        What is missing or changed, or None where all is as it was.
    """
    folder = artifact.uri
    if folder and not os.path.exists(folder):
        return f"{folder} is gone"
    if not artifact.has_custom_property(PROPERTY):
        return None
    expected: Mapping[str, Any] = json.loads(artifact.get_string_custom_property(PROPERTY))
    for name, (size, changed, digest) in sorted(expected.items()):
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            return f"{path} is gone"
        status = os.stat(path)
        if status.st_size != size:
            return f"{path} has {status.st_size} bytes, where {size} were written"
        if status.st_mtime_ns != changed and _digest(path) != digest:
            return f"{path} was changed"
    # A shard more is data more: readers take all that their pattern matches.
    added = sorted(set(_files(folder)) - expected.keys())
    return f"{os.path.join(folder, added[0])} was added" if added else None


def _files(folder: str) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(parent, name), folder)
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _entry(path: str) -> _Entry:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, _digest(path)


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
