"""Refuses images that would fill the memory, before they are decoded."""

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from models.serving.server.image_header import declared_pixels, is_image
from models.serving.server.status import invalid


def check_images(tensors: dict[str, np.ndarray], max_pixels: int) -> None:
    """Checks every image in a request, those within serialised tf.Examples too.

    Args:
        tensors: The request's tensors by name; strings are object arrays of bytes.
        max_pixels: Most pixels an image may declare.

    Raises:
        RequestError: An image declares more.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != object:
            continue
        for value in tensor.flat:
            for image in _images_in(value):
                pixels = declared_pixels(image)
                if pixels > max_pixels:
                    raise invalid(
                        f"An image in input {name} declares {pixels} pixels, more than the limit of "
                        f"{max_pixels}: scale it down, or start the server with a higher --max-image-pixels"
                    )


def _images_in(value: bytes) -> list[bytes]:
    if is_image(value):
        return [value]
    try:
        example = tf.train.Example.FromString(value)
    except DecodeError:
        return []
    features = example.features.feature.values()
    return [one for feature in features for one in feature.bytes_list.value if is_image(one)]
