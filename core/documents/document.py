"""Base of the documents: JSON that one stage writes and another reads, with the version of its form."""

import json
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import Self

from core.documents.file_access import LOCAL, FileAccess
from core.errors import DocumentError

_WAY_OUT = "Run the experiment again."
_NEW_FOLDER = "Run the experiment into a new folder with --output."


class Part(BaseModel):
    """A part of a document: frozen, without unknown keys, and without numbers that JSON has no word for.

    What was not given is not written, so that what is read and written again has the same keys.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def as_dict(self) -> Mapping[str, Any]:
        """Returns the content as it is written, in the order of the fields, without the version of the form."""
        return self.model_dump(exclude_unset=True)


class Document(Part):
    """A document of its own file.

    A document without a version is of the time before there were any, whose form is that of version 1.

    Attributes:
        FILE_NAME: The file's path within the folder that it is written to.
        VERSION: Version of the form. It rises when a document of before can no longer be read as one of now.
        VERSION_KEY: Key of the version; another than `version` where the content has a key of that name.
    """

    FILE_NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    VERSION_KEY: ClassVar[str] = "version"

    @classmethod
    def path(cls, folder: str) -> str:
        """Returns the path of the document in a folder."""
        return os.path.join(folder, cls.FILE_NAME)

    @classmethod
    def is_in(cls, folder: str, files: FileAccess = LOCAL) -> bool:
        """Tells whether a folder holds the document."""
        return files.exists(cls.path(folder))

    @classmethod
    def read(cls, folder: str, files: FileAccess = LOCAL) -> Self:
        """Reads the document of a folder.

        Args:
            folder: Where it was written.
            files: Access to the file system that the folder is on.

        Raises:
            DocumentError: It is missing or damaged, or its form is of another version.
        """
        path = cls.path(folder)
        if not files.exists(path):
            raise DocumentError(f"{path} does not exist. {_WAY_OUT}")
        with files.open(path, "rb") as handle:
            return cls.from_bytes(handle.read(), path)

    @classmethod
    def read_if_there(cls, folder: str, files: FileAccess = LOCAL) -> Self | None:
        """Reads the document of a folder; None where it holds none."""
        return cls.read(folder, files) if cls.is_in(folder, files) else None

    @classmethod
    def from_bytes(cls, content: bytes, path: str) -> Self:
        """Reads the document from a file's content.

        Args:
            content: Of the file.
            path: Of the file, for the message of an error.

        Raises:
            DocumentError: See `read`.
        """
        try:
            return cls.from_json(json.loads(content), path)
        except (ValueError, RecursionError) as error:
            raise _damaged(path, type(error).__name__) from error

    @classmethod
    def from_json(cls, content: Any, path: str) -> Self:
        """Reads the document from what `to_json` returned; see `from_bytes`."""
        version = content.get(cls.VERSION_KEY) if isinstance(content, dict) else None
        if version is None:
            version, content = 1, cls.of_unversioned(content)
        else:
            content = {key: value for key, value in content.items() if key != cls.VERSION_KEY}
        if type(version) is not int or version != cls.VERSION:
            raise DocumentError(
                f"{path} has the {cls.VERSION_KEY} {version!r}, and this release of Counterpoise reads "
                f"{cls.VERSION}. {_NEW_FOLDER}"
            )
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise _damaged(path, _first_fault(error)) from error

    @classmethod
    def of_unversioned(cls, content: Any) -> Any:
        """Returns the content of version 1 from that of a document written before there were versions."""
        return content

    def to_json(self) -> Mapping[str, Any]:
        """Returns what is written, the version of the form first."""
        return {self.VERSION_KEY: self.VERSION, **self.as_dict()}

    def to_bytes(self) -> bytes:
        """Returns the content of the file; equal documents give equal bytes."""
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        # A file name that is not UTF-8 arrives as lone surrogates, which UTF-8 cannot hold: `\udcff` can, and JSON
        # reads it back as the same character.
        return text.encode("utf-8", errors="backslashreplace")

    def write(self, folder: str, files: FileAccess = LOCAL) -> None:
        """Writes the document into a folder, which is made where there is none.

        Args:
            folder: Where it goes.
            files: Access to the file system that the folder is on.
        """
        path = self.path(folder)
        files.makedirs(os.path.dirname(path))
        with files.open(path, "wb") as handle:
            handle.write(self.to_bytes())

    @classmethod
    def json_schema(cls) -> Mapping[str, Any]:
        """Returns the JSON Schema of the file, for programs that read it."""
        schema = cls.model_json_schema()
        schema["properties"] = {cls.VERSION_KEY: {"const": cls.VERSION}, **schema["properties"]}
        return schema


def _first_fault(error: ValidationError) -> str:
    """Returns the first thing that is wrong, with its place."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def _damaged(path: str, why: str) -> DocumentError:
    return DocumentError(f"{path} is damaged, or no file of a run ({why}). {_WAY_OUT}")
