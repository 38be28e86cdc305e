"""Declares tf.Example's message: importing TensorFlow's own takes seconds, and checks before a run have none.

The package name differs from TensorFlow's, so that both can be loaded; on the wire they are the same.

Reference:
    tensorflow/core/example/{example,feature}.proto.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "counterpoise.wire"
_FIELD = descriptor_pb2.FieldDescriptorProto


def _declare() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="counterpoise/wire_example.proto", package=_PACKAGE, syntax="proto3"
    )
    lists = {"BytesList": _FIELD.TYPE_BYTES, "FloatList": _FIELD.TYPE_FLOAT, "Int64List": _FIELD.TYPE_INT64}
    for name, kind in lists.items():
        values = file.message_type.add(name=name).field.add(name="value", number=1)
        values.type, values.label = kind, _FIELD.LABEL_REPEATED
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, (field, name) in enumerate(
        [("bytes_list", "BytesList"), ("float_list", "FloatList"), ("int64_list", "Int64List")], start=1
    ):
        feature.field.append(_message(field, number, name))
        feature.field[-1].oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    entry.field.append(_message("value", 2, "Feature"))
    features.field.append(_message("feature", 1, "Features.FeatureEntry"))
    features.field[-1].label = _FIELD.LABEL_REPEATED
    file.message_type.add(name="Example").field.append(_message("features", 1, "Features"))
    return file


def _message(field: str, number: int, name: str) -> descriptor_pb2.FieldDescriptorProto:
    return _FIELD(
        name=field,
        number=number,
        type=_FIELD.TYPE_MESSAGE,
        label=_FIELD.LABEL_OPTIONAL,
        type_name=f".{_PACKAGE}.{name}",
    )


_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(_declare().SerializeToString())
_descriptor = _pool.FindMessageTypeByName(f"{_PACKAGE}.Example")
# The first from protobuf 4.22 on, the second before.
Example = (
    message_factory.GetMessageClass(_descriptor)
    if hasattr(message_factory, "GetMessageClass")
    else message_factory.MessageFactory(_pool).GetPrototype(_descriptor)
)
