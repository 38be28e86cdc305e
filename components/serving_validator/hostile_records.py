"""Records as they come in from outside, made from real ones: incomplete, unknown, extreme, broken."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2

from components.serving_validator.hostile_images import other_images, unreadable_images
from components.serving_validator.request import Expectation, Request
from core.features import BOOKKEEPING, RECORD_KEY

_UNKNOWN = {
    "a category nobody has seen": "never seen before ∎".encode(),
    "an empty category": b"",
    "a category that is no UTF-8": b"\xff\xfe\x00",
}
_FLOATS = {
    "not a number": float("nan"),
    "infinite": float("inf"),
    "infinite and negative": float("-inf"),
    "huge": 3e38,
    "huge and negative": -3e38,
}
_INTEGERS = {"huge": 2**62, "huge and negative": -(2**62)}
# A record of a wide table takes long to make and to answer: there a column is tried alone with one extreme number, the next
# column with the next, and of very wide tables not every column is.
_MOST_COLUMNS = 200
_FEW_COLUMNS = 20
_RECORDS = 3

# Changes a record's features, a tf.train.Features, in place.
Change = Callable[[Any], None]


@dataclass(frozen=True)
class Columns:
    """The features of a record by what can go wrong with them.

    Attributes:
        all: Every feature, label and key among them, sorted.
        numbers: Numeric feature to whether it holds integers.
        texts: Categorical features.
        image: Feature of the encoded image, or None.
        amounts: Those of `numbers` that costs are made of, without which no record is decided on.
    """

    all: tuple[str, ...]
    numbers: Mapping[str, bool]
    texts: tuple[str, ...]
    image: str | None
    amounts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, schema: schema_pb2.Schema, label: str, image: str | None, amounts: tuple[str, ...] = ()
    ) -> "Columns":
        """Reads the schema.

        Args:
            schema: Of the raw records.
            label: Feature of the class's name.
            image: Feature of the encoded image, or None.
            amounts: Features that costs are made of.
        """
        types = {feature.name: feature.type for feature in schema.feature}
        inputs = sorted(set(types) - {label, image, *BOOKKEEPING})
        return cls(
            tuple(sorted(types)),
            {name: types[name] == schema_pb2.INT for name in inputs if types[name] != schema_pb2.BYTES},
            tuple(name for name in inputs if types[name] == schema_pb2.BYTES),
            image if image in types else None,
            amounts,
        )

    @property
    def free_numbers(self) -> dict[str, bool]:
        """Those of `numbers` that may hold anything."""
        return {name: is_integer for name, is_integer in self.numbers.items() if name not in self.amounts}


def hostile_requests(records: Sequence[bytes], columns: Columns) -> list[Request]:
    """Changes real records in every way that a served model must stand.

    Args:
        records: Serialised tf.Examples, at least one. The smallest of them are changed.
        columns: Their features.

    Returns:
        Requests for records without features, with unknown categories, extreme numbers, several values in a
        feature and other images, all to be answered; and for unreadable images and records, and for amounts of which no
        cost can be made, to be refused.
        A kind that the records have no feature for is left out.
    """
    bases = sorted(records, key=lambda record: (len(record), record))
    bases = bases[: _RECORDS if len(columns.all) <= _FEW_COLUMNS else 1]
    numbers = {
        f"{word} for {name!r}": _set_number(name, value, is_integer)
        for place, (name, is_integer) in enumerate(_some(columns.free_numbers.items()))
        for word, value in _values_in_turn(is_integer, place, len(columns.all))
    }
    requests = [
        _request(
            "a feature is missing",
            bases,
            {f"no {name!r}": _remove([name]) for name in _some(columns.all) if name not in columns.amounts},
        ),
        _request(
            "every feature is missing",
            bases,
            {"no feature at all": _remove(columns.all)},
            "refuse" if columns.amounts else "answer",
        ),
        _request("a category is unknown", bases, _text_changes(columns)),
        _request("a number is extreme", bases, {**numbers, **_all_numbers(columns)}),
        _request(
            "a feature has several values",
            bases,
            {"two values in every column": _double([*columns.numbers, *columns.texts])},
        ),
    ]
    if columns.amounts:
        requests.append(
            _request("no cost can be made of an amount", bases, _amount_changes(columns), "refuse")
        )
    if columns.image is not None:
        changes = {
            expected: _image_changes(bases[0], columns.image, make)
            for expected, make in (("answer", other_images), ("refuse", unreadable_images))
        }
        requests.append(_request("an image is of another kind", bases[:1], changes["answer"]))
        requests.append(_request("an image is unreadable", bases[:1], changes["refuse"], "refuse"))
    # A record cut off halfway is no such case: TensorFlow may read what is left of it as a shorter record.
    broken, names = (b"this is no tf.Example",), ("text for a record",)
    requests.append(Request("a record is unreadable", "refuse", broken, names))
    return [request for request in requests if request.examples]


def record_name(record: bytes) -> str:
    """Returns the record's key for people."""
    values = tf.train.Example.FromString(record).features.feature[RECORD_KEY].bytes_list.value
    return f"record {values[0].decode(errors='replace')!r}" if values else "a record without a key"


def _some(names: Iterable) -> list:
    """Returns all of them, or as many as are tried, evenly."""
    names = list(names)
    step = max(1, -(-len(names) // _MOST_COLUMNS))
    return names[::step]


def _request(
    kind: str, bases: Sequence[bytes], changes: Mapping[str, Change], expected: Expectation = "answer"
) -> Request:
    made = list(_changed(bases, changes))
    return Request(
        kind, expected, tuple(example for _, example in made), tuple(subject for subject, _ in made)
    )


def _changed(bases: Sequence[bytes], changes: Mapping[str, Change]) -> Iterator[tuple[str, bytes]]:
    for base in bases:
        original, name = tf.train.Example.FromString(base), record_name(base)
        unchanged = original.SerializeToString(deterministic=True)
        for what, change in changes.items():
            example = tf.train.Example()
            example.CopyFrom(original)
            change(example.features)
            changed = example.SerializeToString(deterministic=True)
            if changed != unchanged:
                yield f"{name} with {what}", changed


def _remove(names: Iterable[str]) -> Change:
    def change(features: Any) -> None:
        for name in names:
            features.feature.pop(name, None)

    return change


def _double(names: Iterable[str]) -> Change:
    def change(features: Any) -> None:
        for name in names:
            if name in features.feature:
                feature = features.feature[name]
                values = (
                    getattr(feature, feature.WhichOneof("kind")).value if feature.WhichOneof("kind") else []
                )
                if values:
                    values.append(values[0])

    return change


def _set_text(names: Iterable[str], value: bytes) -> Change:
    def change(features: Any) -> None:
        for name in names:
            features.feature[name].bytes_list.value[:] = [value]

    return change


def _set_number(name: str, value: float, is_integer: bool) -> Change:
    def change(features: Any) -> None:
        feature = features.feature[name]
        if is_integer:
            feature.int64_list.value[:] = [int(value)]
        else:
            feature.float_list.value[:] = [value]

    return change


def _values(is_integer: bool) -> Mapping[str, float]:
    return _INTEGERS if is_integer else _FLOATS


def _values_in_turn(is_integer: bool, place: int, num_columns: int) -> list[tuple[str, float]]:
    values = list(_values(is_integer).items())
    return values if num_columns <= _FEW_COLUMNS else [values[place % len(values)]]


def _text_changes(columns: Columns) -> dict[str, Change]:
    if not columns.texts:
        return {}
    (first, value), *_ = _UNKNOWN.items()
    alone = {f"{first} for {name!r}": _set_text([name], value) for name in _some(columns.texts)}
    together = {f"{what} in every column": _set_text(columns.texts, text) for what, text in _UNKNOWN.items()}
    return {**alone, **together}


def _all_numbers(columns: Columns) -> dict[str, Change]:
    def all_of(word: str) -> Change:
        def change(features: Any) -> None:
            for name, is_integer in columns.free_numbers.items():
                values = _values(is_integer)
                _set_number(name, values.get(word, values["huge"]), is_integer)(features)

        return change

    if not columns.free_numbers:
        return {}
    return {f"{word} in every numeric column": all_of(word) for word in _FLOATS}


def _amount_changes(columns: Columns) -> dict[str, Change]:
    missing = {f"no amount {name!r}": _remove([name]) for name in columns.amounts}
    extreme = {
        f"{word} for the amount {name!r}": _set_number(name, value, columns.numbers[name])
        for name in columns.amounts
        for word, value in _values(columns.numbers[name]).items()
    }
    return {**missing, **extreme}


def _image_changes(
    base: bytes, image: str, make: Callable[[bytes], Mapping[str, bytes]]
) -> dict[str, Change]:
    values = tf.train.Example.FromString(base).features.feature[image].bytes_list.value
    made = make(bytes(values[0]) if values else b"")
    return {what: _set_text([image], encoded) for what, encoded in made.items()}
