"""Refuses images that would fill the memory, before they are decoded."""

from collections.abc import Iterable

from core.image_header import declared_pixels, is_image
from models.serving.server.example_wire import NonCanonicalExample, bytes_values
from models.serving.server.signature import Tensors
from models.serving.server.status import invalid_argument


def check_images(tensors: Tensors, max_pixels: int, examples: str | None = None) -> None:
    """Checks every image in a request, those within serialised tf.Examples too.

    Args:
        tensors: The request's tensors by name; strings are object arrays of bytes.
        max_pixels: Most pixels an image may declare.
        examples: The input that takes serialised tf.Examples; None where there is none.

    Raises:
        RequestError: An image declares more, or a tf.Example is not written so that its images can be found as
            surely as TensorFlow finds them.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != object:
            continue
        for value in tensor.flat:
            for image in _values_of_example(value, name) if name == examples else (value,):
                pixels = declared_pixels(image) if is_image(image) else 0
                if pixels > max_pixels:
                    raise invalid_argument(
                        f"An image in input {name} declares {pixels} pixels, more than the limit of "
                        f"{max_pixels}: scale it down. The limit is the lower of the server's --max-image-pixels "
                        "and the data.max_image_pixels that the model was made with"
                    )


def _values_of_example(value: bytes, name: str) -> Iterable[bytes]:
    try:
        return list(bytes_values(value))
    except NonCanonicalExample as error:
        raise invalid_argument(
            f"Could not parse example input, value: {name} holds no plain tf.Example: {error}"
        ) from None
