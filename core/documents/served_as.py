"""ServedAs: how a SavedModel is to be served, written beside it for servers.

`assets.extra/serving.json` is for the project's own server. TensorFlow Serving reads `batching_params.pbtxt`, in the
SavedModel's folder itself, where it is started with `--enable_per_model_batching_parameters`.

Reference: tensorflow_serving/model_servers/main.cc, tensorflow_serving/servables/tensorflow/bundle_factory_util.cc.
"""

import os
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field, StrictInt
from typing_extensions import Self

from core.documents.document import Document
from core.documents.file_access import LOCAL, FileAccess
from core.image_header import MAX_IMAGE_PIXELS

BATCHING_FILE = "batching_params.pbtxt"
# As in tf_serving/batching_parameters.txt, of which TensorFlow Serving takes the threads alone beside this file.
_MOST_WAITING = 100

Limit: TypeAlias = Annotated[StrictInt, Field(ge=0)]


class ServedAs(Document):
    """What a model says of how it is served; None where it says nothing.

    Attributes:
        max_batch: Most records in one batch.
        batch_timeout_ms: Longest wait for a batch to fill.
        max_image_pixels: Most pixels an encoded image may declare; the graph itself refuses more.
    """

    FILE_NAME: ClassVar[str] = os.path.join("assets.extra", "serving.json")

    max_batch: Limit | None = None
    batch_timeout_ms: Limit | None = None
    max_image_pixels: Limit | None = None

    @classmethod
    def of_model(cls, folder: str, files: FileAccess = LOCAL) -> Self:
        """Reads what lies beside a SavedModel; of one that says nothing, nothing.

        Raises:
            DocumentError: The file is damaged, or its form is of another version.
        """
        return cls.read_if_there(folder, files) or cls()

    def add_to(self, folder: str, files: FileAccess = LOCAL) -> None:
        """Writes the files into a SavedModel's folder; what they said is kept where this says nothing.

        Args:
            folder: Of the SavedModel.
            files: Access to the file system that the folder is on.
        """
        before = ServedAs.of_model(folder, files)
        whole = ServedAs(
            max_batch=_first(self.max_batch, before.max_batch),
            batch_timeout_ms=_first(self.batch_timeout_ms, before.batch_timeout_ms),
            max_image_pixels=_first(self.max_image_pixels, before.max_image_pixels),
        )
        whole.write(folder, files)
        if whole.max_batch is not None and whole.batch_timeout_ms is not None:
            with files.open(os.path.join(folder, BATCHING_FILE), "wb") as handle:
                handle.write(_batching_parameters(whole.max_batch, whole.batch_timeout_ms).encode())


def allowed_pixels(wanted: int | None, by_model: int | None) -> int:
    """Returns the most pixels an image may declare: what is wanted, and no more than the model's graph takes."""
    limits = [one for one in (wanted, by_model) if one is not None]
    return min(limits, default=MAX_IMAGE_PIXELS)


def _first(said: int | None, before: int | None) -> int | None:
    return before if said is None else said


def _batching_parameters(max_batch: int, batch_timeout_ms: int) -> str:
    return (
        f"max_batch_size {{ value: {max_batch} }}\n"
        f"batch_timeout_micros {{ value: {1000 * batch_timeout_ms} }}\n"
        f"max_enqueued_batches {{ value: {_MOST_WAITING} }}\n"
    )
