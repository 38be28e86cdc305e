"""How a SavedModel is to be served, written beside it for servers; read without TensorFlow.

`assets.extra/serving.json` is for the project's own server. TensorFlow Serving reads `batching_params.pbtxt`, in the
SavedModel's folder itself, where it is started with `--enable_per_model_batching_parameters`.

Reference: tensorflow_serving/model_servers/main.cc, tensorflow_serving/servables/tensorflow/bundle_factory_util.cc.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.image_header import MAX_IMAGE_PIXELS

SERVING_ASSET = os.path.join("assets.extra", "serving.json")
BATCHING_FILE = "batching_params.pbtxt"
# As in tf_serving/batching_parameters.txt, of which TensorFlow Serving takes the threads alone beside this file.
_MOST_WAITING = 100


@dataclass(frozen=True)
class ServedAs:
    """What a model says of how it is served; None where it says nothing.

    Attributes:
        max_batch: Most records in one batch.
        batch_timeout_ms: Longest wait for a batch to fill.
        max_image_pixels: Most pixels an encoded image may declare; the graph itself refuses more.
    """

    max_batch: int | None = None
    batch_timeout_ms: int | None = None
    max_image_pixels: int | None = None


def write_served_as(
    folder: str,
    served_as: ServedAs,
    exists: Callable[[str], bool] = os.path.exists,
    opener: Callable[..., Any] = open,
) -> None:
    """Writes the files into a SavedModel's folder, which has `assets.extra`; what they said is kept where None.

    Args:
        folder: Of the SavedModel.
        served_as: What to write.
        exists: Tells whether a path does; that of another file system where the folder is on one.
        opener: Opens a path, as `open` does.
    """
    content = {**asdict(read_served_as(folder, exists, opener)), **_said(served_as)}
    with opener(os.path.join(folder, SERVING_ASSET), "wb") as handle:
        handle.write((json.dumps(content, indent=1) + "\n").encode())
    if content["max_batch"] is not None and content["batch_timeout_ms"] is not None:
        with opener(os.path.join(folder, BATCHING_FILE), "wb") as handle:
            handle.write(_batching_parameters(content["max_batch"], content["batch_timeout_ms"]).encode())


def read_served_as(
    folder: str, exists: Callable[[str], bool] = os.path.exists, opener: Callable[..., Any] = open
) -> ServedAs:
    """Reads what `write_served_as` wrote; of a model that says nothing, nothing.

    Raises:
        ValueError: The file holds something else.
    """
    path = os.path.join(folder, SERVING_ASSET)
    if not exists(path):
        return ServedAs()
    with opener(path, "rb") as handle:
        try:
            content = json.loads(handle.read())
        except ValueError as error:
            raise ValueError(f"{path} is no JSON: {error}") from error
    named = {one.name for one in fields(ServedAs)}
    if not isinstance(content, dict) or not all(_is_count(content.get(name)) for name in named):
        raise ValueError(f"{path}: expected an object of whole numbers. Received: {content!r}")
    return ServedAs(**{name: content.get(name) for name in named})


def allowed_pixels(wanted: int | None, by_model: int | None) -> int:
    """Returns the most pixels an image may declare: what is wanted, and no more than the model's graph takes."""
    limits = [one for one in (wanted, by_model) if one is not None]
    return min(limits, default=MAX_IMAGE_PIXELS)


def _is_count(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _said(served_as: ServedAs) -> dict[str, int]:
    return {name: value for name, value in asdict(served_as).items() if value is not None}


def _batching_parameters(max_batch: int, batch_timeout_ms: int) -> str:
    return (
        f"max_batch_size {{ value: {max_batch} }}\n"
        f"batch_timeout_micros {{ value: {1000 * batch_timeout_ms} }}\n"
        f"max_enqueued_batches {{ value: {_MOST_WAITING} }}\n"
    )
