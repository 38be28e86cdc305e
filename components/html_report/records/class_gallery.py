"""Takes a few examples of every class, as pictures inside the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf
from tfx.dsl.io import fileio

from components.html_report.records.pictures import data_uri
from core.features import RECORD_KEY

PER_CLASS = 8
_MOST_CLASSES = 60
# A picture takes about 4 kB of the page.
_MOST_PICTURES = 240
# Records looked at for a class that is still short of examples.
_MOST_RECORDS = 20_000


@dataclass(frozen=True)
class GalleryPicture:
    """A record's key, and a small JPEG of it as a data URI."""

    key: str
    source: str


def class_gallery(
    split_uri: str, label: str, image: str, classes: Sequence[str]
) -> dict[str, list[GalleryPicture]]:
    """Takes the first examples of every class; shards hold their records in random order.

    Args:
        split_uri: Folder of the split's shards.
        label: Feature of the class's name.
        image: Feature of the encoded image.
        classes: Names of the classes; of very many, the first are shown.

    Returns:
        Class to its examples.
    """
    gallery: dict[str, list[GalleryPicture]] = {name: [] for name in classes[:_MOST_CLASSES]}
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
            shown.append(GalleryPicture(key, source))
        if all(len(shown) == per_class for shown in gallery.values()):
            break
    return {name: shown for name, shown in gallery.items() if shown}
