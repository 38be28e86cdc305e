"""A few examples of every class, as pictures inside the page."""

from typing import Any

import tensorflow as tf
from tfx.dsl.io import fileio

from components.html_report.pictures import data_uri
from core.features import RECORD_KEY

PER_CLASS = 8
_MOST_CLASSES = 60
# A picture takes about 4 kB of the page.
_MOST_PICTURES = 240
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
    per_class = min(PER_CLASS, _MOST_PICTURES // max(len(gallery), 1))
    paths = sorted(fileio.glob(f"{split_uri}/*"))
    for serialized in tf.data.TFRecordDataset(paths, "GZIP").take(_MOST_RECORDS).as_numpy_iterator():
        features = tf.train.Example.FromString(serialized).features.feature
        name = features[label].bytes_list.value[0].decode()
        shown = gallery.get(name)
        if shown is not None and len(shown) < per_class:
            encoded = features[image].bytes_list.value
            source = data_uri(encoded[0]) if encoded else None
            if source is None:
                continue
            key = features[RECORD_KEY].bytes_list.value[0].decode(errors="replace")
            shown.append({"key": key, "source": source})
        if all(len(shown) == per_class for shown in gallery.values()):
            break
    return {name: shown for name, shown in gallery.items() if shown}


def image_feature(experiment: dict[str, Any]) -> str | None:
    """Names the feature of the image in an experiment's examples, or None."""
    data = experiment.get("data", {})
    return "image" if data.get("format") == "image_folder" else data.get("image")
