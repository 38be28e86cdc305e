"""Parses the paths of TensorFlow Serving's REST API.

Reference: the expressions in tensorflow_serving/model_servers/http_rest_api_util.cc.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from models.serving.server.service import Target
from models.serving.server.status import invalid_argument

PREDICT, CLASSIFY, REGRESS = "predict", "classify", "regress"
STATUS, METADATA, FORM = "status", "metadata", "form"
_WHICH = r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_WHICH}:(?P<method>classify|regress|predict)", re.IGNORECASE
)
# `form` is this server's own: what its page asks to know which fields to show.
_GET = re.compile(rf"/v1/models(?:/(?P<name>[^/:]+))?{_WHICH}(?:/(?P<method>metadata|form))?", re.IGNORECASE)
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Call:
    """What a path asks for.

    Attributes:
        method: predict, classify, regress, status, metadata or form.
        target: Of which model.
    """

    method: str
    target: Target


def read_path(http_method: str, path: str) -> Call:
    """Reads a path.

    Raises:
        RequestError: It is none of the API's.
    """
    pattern = {"POST": _POST, "GET": _GET}.get(http_method)
    match = pattern.fullmatch(path) if pattern else None
    if match is None:
        raise invalid_argument(f"Malformed request: {http_method} {path}")
    if match["name"] is None:
        raise invalid_argument("Missing model name in request.")
    version = int(match["version"]) if match["version"] and len(match["version"]) < 20 else None
    if match["version"] and (version is None or version > _LARGEST):
        raise invalid_argument(f"Failed to convert version: {match['version']} to numeric.")
    label = unquote(match["label"]) if match["label"] else None
    method = (match["method"] or STATUS).lower()
    return Call(method, Target(unquote(match["name"]), version, label))
