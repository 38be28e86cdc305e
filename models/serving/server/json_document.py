"""Reads the JSON of a request, and writes that of an answer, as TensorFlow Serving does."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from models.serving.server.status import invalid_argument

# A request's JSON, or an answer's: what is in it, a signature and a client decide.
JsonObject = dict[str, Any]
_MOST_SHOWN = 256


def read_object(body: bytes) -> JsonObject:
    """Parses a request's body, which must be a JSON object.

    NaN, Infinity and -Infinity are numbers, as in TensorFlow Serving.

    Raises:
        RequestError: It is not.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = json.loads(body.decode("utf-8"))
    # ValueError: not JSON, not UTF-8, or a number of thousands of digits; RecursionError: nested too deep.
    except (ValueError, RecursionError) as error:
        raise invalid_argument(f"JSON Parse error: {error}") from None
    if not isinstance(document, dict):
        raise invalid_argument(f"JSON Value: {excerpt(document)} Is not object")
    return document


def read_signature_name(document: JsonObject) -> str:
    """Returns the signature a request names, or an empty string where it names none."""
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"JSON Value: {excerpt(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    return name


def is_base64(value: Any) -> bool:
    """Tells whether a value is an object that stands for bytes: {"b64": "..."}."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def read_bytes(value: str | JsonObject) -> bytes:
    """Returns the bytes of a JSON string, or of an object that stands for bytes.

    Raises:
        RequestError: The object is another, or the text cannot be decoded.
    """
    if isinstance(value, str):
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            raise invalid_argument("JSON Parse error: a string holds half of a surrogate pair") from None
    if not is_base64(value):
        raise invalid_argument(f"JSON Value: {excerpt(value)} not formatted correctly for base64 data")
    text = value["b64"].rstrip("=")
    try:
        decoded = binascii.a2b_base64(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise invalid_argument("Unable to base64 decode") from None
    # Characters outside the alphabet are passed over, which the length gives away; one left over means nothing.
    if len(text) % 4 == 1 or len(decoded) != len(text) * 3 // 4:
        raise invalid_argument("Unable to base64 decode")
    return decoded


def excerpt(value: Any) -> str:
    """Returns the beginning of a value's JSON, for a message."""
    pieces, length = [], 0
    # Piece by piece, because a request may be large and its beginning is all that is quoted.
    for piece in json.JSONEncoder().iterencode(value):
        pieces.append(piece[:_MOST_SHOWN])
        length += len(piece)
        if length > _MOST_SHOWN:
            break
    return "".join(pieces)[:_MOST_SHOWN]


def to_json(tensor: np.ndarray, as_bytes: bool) -> Any:
    """Returns a tensor as what `write` takes.

    A float32 is written as the shortest number that is it: 0.2, not 0.20000000298023224. NaN and the infinities
    are written as TensorFlow Serving does, though JSON has none.

    Args:
        tensor: Of any shape and type; strings are an object array of bytes.
        as_bytes: Write strings as {"b64": "..."}.
    """
    if tensor.dtype == object:
        return _nested(tensor, _as_base64 if as_bytes else _as_text)
    if tensor.dtype.kind in "iub":
        return tensor.tolist()
    numbers = np.ascontiguousarray(tensor, None if tensor.dtype == np.float64 else np.float32)
    if np.isfinite(numbers).all():
        return numbers.reshape(tensor.shape)[()]
    by_text = numbers.astype(str).astype(np.float64).reshape(tensor.shape)
    return orjson.Fragment(json.dumps(by_text.tolist(), separators=(",", ":")))


def rows_to_json(tensor: np.ndarray, as_bytes: bool) -> list[Any]:
    """Returns each row of a tensor of at least one axis as what `write` takes."""
    whole = to_json(tensor, as_bytes)
    if isinstance(whole, orjson.Fragment):
        return [to_json(np.asarray(row), as_bytes) for row in tensor]
    return list(whole)


def write(document: Mapping[str, object]) -> bytes:
    """Writes an answer's body: what JSON has, and NumPy's numbers and arrays of them."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        # Half of a surrogate pair, which a message quotes from a request, is no UTF-8.
        return json.dumps(document, separators=(",", ":")).encode("ascii")


def _nested(tensor: np.ndarray, convert: Any) -> Any:
    # Given a list, NumPy would look for axes in it; an array of objects takes its members as they are.
    converted = np.empty(tensor.size, object)
    converted[:] = [convert(value) for value in tensor.flat]
    return converted.reshape(tensor.shape).tolist()


def _as_base64(value: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(value).decode("ascii")}


def _as_text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
