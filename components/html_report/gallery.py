"""A few examples of every class, as pictures inside the page."""

import base64
import io
from typing import Any

import tensorflow as tf
from PIL import Image, ImageOps
from tfx.dsl.io import fileio

from models.features import RECORD_KEY

PER_CLASS = 8
_SIDE = 96
_MOST_CLASSES = 60
# Records looked at for a class that is still short of examples.
_MOST_RECORDS = 20_000


def class_gallery(
    split_uri: str, label: str, image: str, classes: list[str]
) -> dict[str, list[dict[str, str]]]:
    """Takes the first examples of every class; shards hold their records in random order.

    Args:
        split_uri: Folder of the split's shards.
        label: Feature of the class's name.
        image: Feature of the encoded image.
        classes: Names of the classes; of very many, the first are shown.

    Returns:
        Class to its examples: `key`, and `source`, a small JPEG as a data URI.
    """
    gallery: dict[str, list[dict[str, str]]] = {name: [] for name in classes[:_MOST_CLASSES]}
    paths = sorted(fileio.glob(f"{split_uri}/*"))
    for serialized in tf.data.TFRecordDataset(paths, "GZIP").take(_MOST_RECORDS).as_numpy_iterator():
        features = tf.train.Example.FromString(serialized).features.feature
        name = features[label].bytes_list.value[0].decode()
        shown = gallery.get(name)
        if shown is not None and len(shown) < PER_CLASS:
            encoded = features[image].bytes_list.value[0]
            key = features[RECORD_KEY].bytes_list.value[0].decode(errors="replace")
            shown.append({"key": key, "source": _data_uri(encoded)})
        if all(len(shown) == PER_CLASS for shown in gallery.values()):
            break
    return {name: shown for name, shown in gallery.items() if shown}


def _data_uri(encoded: bytes) -> str:
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded))).convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def image_feature(experiment: dict[str, Any]) -> str | None:
    """Names the feature of the image in an experiment's examples, or None."""
    data = experiment.get("data", {})
    return "image" if data.get("format") == "image_folder" else data.get("image")
