"""Test records to try a model with: a few of every class."""

import hashlib
import os
from collections.abc import Iterator

import tensorflow as tf
from tfx.dsl.io import fileio


def choose_records(split_uri: str, label: str, most: int) -> list[bytes]:
    """Chooses records by the digest of their content, class after class in turn.

    The split is read twice, so that memory holds digests and no more records than are returned.

    Args:
        split_uri: Folder of gzipped TFRecord shards of raw tf.Examples.
        label: Feature of the class's name.
        most: Number of records wanted.

    Returns:
        Serialised tf.Examples, at most `most`. The first are of different classes.
    """
    of_class: dict[bytes, list[tuple[bytes, int]]] = {}
    for position, example in enumerate(_examples(split_uri)):
        digests = of_class.setdefault(_class_of(example, label), [])
        digests.append((hashlib.sha256(example).digest()[:8], position))
        if len(digests) > 2 * most:
            digests[:] = sorted(digests)[:most]
    queues = [sorted(of_class[name])[:most] for name in sorted(of_class)]
    turns = [queue[turn] for turn in range(most) for queue in queues if turn < len(queue)]
    places = {position: place for place, (_, position) in enumerate(turns[:most])}
    chosen = {
        places[position]: example
        for position, example in enumerate(_examples(split_uri))
        if position in places
    }
    return [chosen[place] for place in range(len(places))]


def _examples(split_uri: str) -> Iterator[bytes]:
    paths = sorted(fileio.glob(os.path.join(split_uri, "*")))
    return iter(tf.data.TFRecordDataset(paths, "GZIP").as_numpy_iterator())


def _class_of(example: bytes, label: str) -> bytes:
    values = tf.train.Example.FromString(example).features.feature[label].bytes_list.value
    return bytes(values[0]) if values else b""
