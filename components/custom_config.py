"""Packs an ExampleGen's settings for its executor into the one field that TFX leaves for them."""

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import any_pb2, wrappers_pb2
from tfx.proto import example_gen_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils


def packed(content: Mapping[str, Any]) -> example_gen_pb2.CustomConfig:
    """Packs settings that JSON has words for."""
    config = any_pb2.Any()
    config.Pack(wrappers_pb2.StringValue(value=json.dumps(content)))
    return example_gen_pb2.CustomConfig(custom_config=config)


def unpacked(exec_properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what was packed, of an executor's properties."""
    config, text = example_gen_pb2.CustomConfig(), wrappers_pb2.StringValue()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.CUSTOM_CONFIG_KEY], config)
    config.custom_config.Unpack(text)
    content: Mapping[str, Any] = json.loads(text.value)
    return content
