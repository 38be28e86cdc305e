"""Writes a model's signature definitions and its versions' states as JSON."""

import inspect
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format

from models.serving.server.json_document import JsonObject
from models.serving.server.versions import VersionState

# Renamed in protobuf 5.
_WITH_DEFAULTS = next(
    name
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in inspect.signature(json_format.MessageToDict).parameters
)


def metadata_document(name: str, version: int, signatures: Mapping[str, Any]) -> JsonObject:
    """Returns the answer to a request for metadata.

    Args:
        name: The model's name.
        version: Its version.
        signatures: SignatureDef by name.
    """
    written = {
        key: json_format.MessageToDict(one, preserving_proto_field_name=True, **{_WITH_DEFAULTS: True})
        for key, one in signatures.items()
    }
    return {
        "model_spec": {"name": name, "signature_name": "", "version": str(version)},
        "metadata": {"signature_def": {"signature_def": written}},
    }


def status_document(states: Mapping[int, VersionState]) -> JsonObject:
    """Returns the answer to a request for the versions' states."""
    return {
        "model_version_status": [
            {
                "version": str(version),
                "state": one.state,
                "status": {"error_code": one.code.name, "error_message": one.message},
            }
            for version, one in states.items()
        ]
    }
