"""Declares SavedModel's message as far as signatures need it: importing TensorFlow's takes seconds.

The package name differs from TensorFlow's, so that both can be loaded; on the wire they are the same.

Reference:
    tensorflow/core/protobuf/{saved_model,meta_graph}.proto, tensorflow/core/framework/tensor_shape.proto.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "counterpoise.wire_model"
_FIELD = descriptor_pb2.FieldDescriptorProto
_TYPES = {"string": _FIELD.TYPE_STRING, "int64": _FIELD.TYPE_INT64, "bool": _FIELD.TYPE_BOOL}
_TYPES["enum"] = _FIELD.TYPE_INT32  # The same on the wire, and no names are needed.
# Message to its fields: name, number, type (that of a message by its name), and whether there are many.
_MESSAGES = {
    "Dim": [("size", 1, "int64", False)],
    "TensorShape": [("dim", 2, "Dim", True), ("unknown_rank", 3, "bool", False)],
    "TensorInfo": [
        ("name", 1, "string", False),
        ("dtype", 2, "enum", False),
        ("tensor_shape", 3, "TensorShape", False),
    ],
    # A map is a list of pairs on the wire.
    "NamedTensor": [("key", 1, "string", False), ("value", 2, "TensorInfo", False)],
    "Signature": [("inputs", 1, "NamedTensor", True), ("outputs", 2, "NamedTensor", True)],
    "NamedSignature": [("key", 1, "string", False), ("value", 2, "Signature", False)],
    "MetaInfo": [("tags", 4, "string", True), ("tensorflow_version", 5, "string", False)],
    "MetaGraph": [
        ("meta_info_def", 1, "MetaInfo", False),
        ("signature_def", 5, "NamedSignature", True),
    ],
    "SavedModel": [("meta_graphs", 2, "MetaGraph", True)],
}


def _declare() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="counterpoise/wire_saved_model.proto", package=_PACKAGE, syntax="proto3"
    )
    for message, fields in _MESSAGES.items():
        declared = file.message_type.add(name=message)
        for name, number, kind, repeated in fields:
            field = declared.field.add(name=name, number=number)
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            field.type = _TYPES.get(kind, _FIELD.TYPE_MESSAGE)
            if kind not in _TYPES:
                field.type_name = f".{_PACKAGE}.{kind}"
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(_declare().SerializeToString())
_descriptor = _pool.FindMessageTypeByName(f"{_PACKAGE}.SavedModel")
# The first from protobuf 4.22 on, the second before.
SavedModel = (
    message_factory.GetMessageClass(_descriptor)
    if hasattr(message_factory, "GetMessageClass")
    else message_factory.MessageFactory(_pool).GetPrototype(_descriptor)
)
