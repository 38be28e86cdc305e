"""What the schema says of the features."""

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.unlabelled_example_gen.feature_kinds import feature_kinds

SCHEMA = """
feature { name: "width" type: FLOAT }
feature { name: "count" type: INT }
feature { name: "photo" type: BYTES }
feature { name: "line" type: BYTES }
feature { name: "defect" type: BYTES }
feature { name: "record_key" type: BYTES }
feature { name: "old" type: FLOAT lifecycle_stage: DEPRECATED }
"""


def test_features_that_the_model_takes_are_told_apart_by_type():
    kinds = feature_kinds(text_format.Parse(SCHEMA, schema_pb2.Schema()), "defect", "photo")
    assert kinds == {"count": "whole", "line": "text", "photo": "image", "width": "number"}
