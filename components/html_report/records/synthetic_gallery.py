"""Takes synthetic images, beside the train images they were made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from components.html_report.records.find_records import find_records, first_bytes
from components.html_report.records.pictures import data_uri
from core.features import IMAGE, KEY, LABEL, METHOD, PARENTS

SHOWN = 6
PARENTS_SHOWN = 2
# Records looked at for classes that are still short of examples.
_MOST_RECORDS = 5_000


@dataclass(frozen=True)
class SyntheticImage:
    """An image that was made, with those it was made of.

    Attributes:
        name: Its class.
        method: How it was made.
        key: Its key.
        source: It as a data URI.
        parents: Key and data URI of each image it was made of.
    """

    name: str
    method: str
    key: str
    source: str
    parents: list[tuple[str, str]]


def synthetic_gallery(paths: Sequence[str], classes: Sequence[str]) -> list[SyntheticImage]:
    """Takes a few synthetic images, of as many classes as possible.

    Args:
        paths: The shards of the augmented train split.
        classes: Names by class index.

    Returns:
        At most `SHOWN`, the classes with the highest index, the rarest, first; empty where none was made.
    """
    made, original = split_paths(paths)
    by_class: dict[int, list[tf.train.Example]] = {}
    for serialized in tf.data.TFRecordDataset(made, "GZIP").take(_MOST_RECORDS).as_numpy_iterator():
        example = tf.train.Example.FromString(serialized)
        features = example.features.feature
        if not features[IMAGE].bytes_list.value or not features[IMAGE].bytes_list.value[0]:
            continue
        mine = by_class.setdefault(features[LABEL].int64_list.value[0], [])
        if len(mine) < SHOWN:
            mine.append(example)
    chosen = _in_turns(by_class)
    parents = {key for example in chosen for key in _parents_of(example)}
    found = find_records(original, KEY, parents)
    return [_shown(example, classes, found) for example in chosen]


def split_paths(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the shards of records that were made, and those of originals."""
    made = [path for path in paths if path.rsplit("/", 1)[-1].startswith("synthetic-")]
    return made, [path for path in paths if path not in made]


def _in_turns(by_class: dict[int, list[tf.train.Example]]) -> list[tf.train.Example]:
    """Takes one of each class, then a second one, and so on; in the end a class's stand together."""
    turns = sorted((place, -label) for label, examples in by_class.items() for place in range(len(examples)))[
        :SHOWN
    ]
    return [by_class[-label][place] for label, place in sorted((label, place) for place, label in turns)]


def _parents_of(example: tf.train.Example) -> list[bytes]:
    return list(example.features.feature[PARENTS].bytes_list.value[:PARENTS_SHOWN])


def _shown(example: tf.train.Example, classes: Sequence[str], found: dict[bytes, bytes]) -> SyntheticImage:
    features = example.features.feature
    sources = [
        (key.decode(errors="replace"), data_uri(first_bytes(found[key], IMAGE)))
        for key in _parents_of(example)
        if key in found
    ]
    return SyntheticImage(
        name=classes[features[LABEL].int64_list.value[0]],
        method=features[METHOD].bytes_list.value[0].decode(),
        key=features[KEY].bytes_list.value[0].decode(errors="replace"),
        source=data_uri(features[IMAGE].bytes_list.value[0]) or "",
        parents=[(key, source) for key, source in sources if source is not None],
    )
