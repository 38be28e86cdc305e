"""Reads an experiment file, and refuses whatever is none."""

import os
import stat

from core.errors import InputError
from core.printable import shortened
from pipeline.configuration.content import Content
from pipeline.configuration.yaml_document import MOST_CHARACTERS, NotYaml, PlainScalar, read_yaml

# UTF-8 has at most four to a character; most have one.
_MOST_BYTES = 2 * MOST_CHARACTERS


def read_experiment_file(path: str) -> Content:
    """Reads an experiment file as `read_yaml` does.

    Raises:
        InputError: It is no file, cannot be read, is too large, or holds no YAML of keys with values.
    """
    text = _text_of(path)
    try:
        content = read_yaml(text)
    except NotYaml as err:
        raise InputError(f"{path} is not YAML that can be read: {err}.") from err
    if not isinstance(content, dict):
        received = content.text if isinstance(content, PlainScalar) else content
        shown = "a list" if isinstance(received, list) else shortened(repr(received), 200)
        raise InputError(
            f"{path}: expected keys with values, as in `data: {{format: csv}}`. Received: {shown}"
        )
    return content


def _text_of(path: str) -> str:
    try:
        # Before it is opened: a pipe would wait for somebody to write, and a device may never end.
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "is a folder" if stat.S_ISDIR(mode) else "is no regular file"
            raise InputError(f"The experiment file {path!r} {kind}. Name a YAML file.")
        with open(path, "rb") as handle:
            encoded = handle.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"The experiment file {path!r} does not exist. Name a YAML file.") from None
    except (OSError, ValueError) as err:
        why = err.strerror if isinstance(err, OSError) else err
        raise InputError(f"The experiment file {path!r} cannot be read: {why}. Name a YAML file.") from err
    if len(encoded) > _MOST_BYTES:
        raise InputError(
            f"The experiment file {path!r} is larger than {_MOST_BYTES:,} bytes. Name a YAML file, not the data."
        )
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError as err:
        raise InputError(
            f"{path} is not UTF-8 text ({err.reason} at byte {err.start}). Save it as UTF-8."
        ) from err
