"""What a tf.Example may be written like, held against TensorFlow's own parser."""

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.serving.server.example_wire import NonCanonicalExample, bytes_values


def field(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def entry(key: bytes, feature: bytes) -> bytes:
    return field(0x0A, field(0x0A, key) + field(0x12, feature))


IMAGE = b"GIF89a"
LIST = field(0x0A, field(0x0A, IMAGE))
PLAIN = field(0x0A, entry(b"image", LIST))
# Each of these, TensorFlow's parser or another one reads as the same image, or as several things.
NOT_PLAIN = {
    "a key that is no UTF-8": field(0x0A, entry(b"\xff", LIST) + entry(b"image", LIST)),
    "a field of the number 0 before it": b"\x02\x01x" + PLAIN,
    "an unknown field before it": field(0x12, b"abc") + PLAIN,
    "an unknown number before it": b"\x10\x01" + PLAIN,
    "an unknown group before it": b"\x13\x14" + PLAIN,
    "an unknown field behind it": PLAIN + field(0x7A, b"abc"),
    "an unknown field among the features": field(0x0A, entry(b"image", LIST) + field(0x12, b"")),
    "an unknown field in an entry": field(
        0x0A, field(0x0A, field(0x0A, b"image") + field(0x12, LIST) + b"\x18\x01")
    ),
    "an entry whose value comes first": field(0x0A, field(0x0A, field(0x12, LIST) + field(0x0A, b"image"))),
    "an entry without a value": field(0x0A, field(0x0A, field(0x0A, b"image"))),
    "two values in an entry": field(
        0x0A, field(0x0A, field(0x0A, b"image") + field(0x12, b"") + field(0x12, LIST))
    ),
    "two lists in a feature": field(0x0A, entry(b"image", field(0x12, b"") + LIST)),
    "an unknown field in a list": field(
        0x0A, entry(b"image", field(0x0A, field(0x12, b"a") + field(0x0A, IMAGE)))
    ),
    "a list of an unknown kind": field(0x0A, entry(b"image", field(0x22, b""))),
    "a length longer than it need be": b"\x0a" + bytes([len(PLAIN[2:]) | 0x80, 0x00]) + PLAIN[2:],
    "a tag longer than it need be": b"\x8a\x00" + PLAIN[1:],
    "a length beyond the end": PLAIN[:-1],
    "text": b"this is no tf.Example",
    "an image": IMAGE,
}


@pytest.mark.parametrize("what", NOT_PLAIN)
def test_what_parsers_may_read_differently_is_refused(what):
    with pytest.raises(NonCanonicalExample):
        list(bytes_values(NOT_PLAIN[what]))


def test_every_value_is_found():
    two = field(0x0A, field(0x0A, b"one") + field(0x0A, b"two"))
    features = (
        entry(b"a", two) + entry(b"a", LIST) + entry(b"n", field(0x1A, b"\x0a\x01\x07")) + entry(b"", b"")
    )
    # Twice the same field, as where a context is joined on.
    assert list(bytes_values(field(0x0A, features) + PLAIN)) == [b"one", b"two", IMAGE, IMAGE]
    assert list(bytes_values(b"")) == []


LISTS = st.one_of(
    st.lists(st.binary(max_size=300), max_size=3).map(
        lambda values: tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    ),
    st.lists(st.floats(width=32), max_size=3).map(
        lambda values: tf.train.Feature(float_list=tf.train.FloatList(value=values))
    ),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(
        lambda values: tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    ),
    st.just(tf.train.Feature()),
)
EXAMPLES = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5), LISTS, max_size=4
).map(lambda features: tf.train.Example(features=tf.train.Features(feature=features)))


@given(EXAMPLES, EXAMPLES)
def test_whatever_protocol_buffers_write_is_read(first, second):
    written = first.SerializeToString() + second.SerializeToString()
    values = [
        one for each in (first, second) for f in each.features.feature.values() for one in f.bytes_list.value
    ]
    assert sorted(bytes_values(written)) == sorted(values)


@settings(max_examples=300)
@given(st.data())
def test_no_image_that_tensorflow_finds_is_missed(data):
    changed = bytearray(data.draw(st.sampled_from([PLAIN, *NOT_PLAIN.values()])))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(changed)))
        changed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    serialized = bytes(changed)
    try:
        parsed = tf.io.parse_example([serialized], {"image": tf.io.VarLenFeature(tf.string)})
    except (tf.errors.InvalidArgumentError, UnicodeDecodeError):
        return
    try:
        found = list(bytes_values(serialized))
    except NonCanonicalExample:
        return
    assert set(parsed["image"].values.numpy()) <= set(found)
