"""Reads the bytes values of a serialised tf.Example, and refuses whatever no writer of one writes.

Protocol buffers leave open what TensorFlow's own parser and others read differently: unknown fields, keys that are
no text, fields out of order, numbers longer than they need be. Whatever is refused here, nothing that writes
tf.Examples makes.
"""

from collections.abc import Iterator

_FIRST, _SECOND = 0x0A, 0x12  # Tags of the fields 1 and 2, with a length behind them.
_LISTS = frozenset((0x0A, 0x12, 0x1A))  # bytes_list, float_list and int64_list.
_LONGEST_LENGTH = 5  # Bytes of a length of up to 2 GiB.


class NonCanonicalExample(ValueError):
    """Says what of a tf.Example is not as it is usually written."""


def bytes_values(serialized: bytes) -> Iterator[bytes]:
    """Yields every value of every list of bytes, those of a feature given twice too.

    Args:
        serialized: tf.Examples, one or several written one after the other, which stand for their union.

    Raises:
        NonCanonicalExample: It is no tf.Example, or has what a parser may pass over or read another way.
    """
    for features in _fields(serialized, "tf.Example"):
        for entry in _fields(features, "tf.Features"):
            value = _value_of_entry(entry)
            if value[:1] == b"\x0a":
                yield from _fields(_whole(value), "BytesList")


def _value_of_entry(entry: bytes) -> bytes:
    key, position = _field(entry, 0, _FIRST, "feature")
    try:
        key.decode("utf-8")
    except UnicodeDecodeError:
        raise NonCanonicalExample(f"a feature's name is no UTF-8: {key[:40]!r}") from None
    value, position = _field(entry, position, _SECOND, "feature")
    if position != len(entry):
        raise NonCanonicalExample(f"bytes behind the value of feature {key.decode()!r}")
    if value and value[0] not in _LISTS:
        raise NonCanonicalExample(f"feature {key.decode()!r} is no list of bytes, floats or int64s")
    if value:
        _whole(value)
    return value


def _whole(feature: bytes) -> bytes:
    """Returns the one list that a feature holds."""
    found, position = _field(feature, 0, feature[0], "feature")
    if position != len(feature):
        raise NonCanonicalExample("a feature has several lists, or bytes behind its list")
    return found


def _fields(message: bytes, name: str) -> Iterator[bytes]:
    """Yields the contents of a message that has its first field alone, any number of times."""
    position = 0
    while position < len(message):
        content, position = _field(message, position, _FIRST, name)
        yield content


def _field(message: bytes, position: int, tag: int, name: str) -> tuple[bytes, int]:
    if position >= len(message) or message[position] != tag:
        raise NonCanonicalExample(f"a {name} has another field than it may, or lacks one")
    length, start = _length(message, position + 1)
    if start + length > len(message):
        raise NonCanonicalExample(f"a {name} is cut short")
    return message[start : start + length], start + length


def _length(message: bytes, position: int) -> tuple[int, int]:
    length = 0
    for place, byte in enumerate(message[position : position + _LONGEST_LENGTH]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if place and not byte:
                raise NonCanonicalExample("a length is written longer than it need be")
            return length, position + place + 1
    raise NonCanonicalExample("a length has no end")
