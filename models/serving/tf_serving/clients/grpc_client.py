"""gRPC client of a served model; needs the packages grpcio, tensorflow and tensorflow-serving-api.

    python grpc_client.py MODEL picture=@part.png width=1.5 line=north [--address 127.0.0.1:8500]

Which fields there are, the model says itself; one that is left out is missing.
"""

import argparse
import math
from pathlib import Path

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc

SIGNATURE = "predict_raw"
_SECONDS = 60


def ask(address: str, model: str, given: dict[str, str]) -> dict[str, np.ndarray]:
    """Asks for the decision on one record.

    Args:
        address: Of the server, host and port.
        model: The model's name.
        given: Field to value; `@` begins the path of an image.

    Returns:
        Output to array, whose first axis is the batch of one: `decision`, `score`, `probabilities` and the
        others of the signature.
    """
    with grpc.insecure_channel(address) as channel:
        service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, SIGNATURE
        for name, dtype in _input_types(service, model).items():
            value = [_value(dtype, given.get(name, ""))]
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype, shape=[1]))
        response = service.Predict(request, timeout=_SECONDS)
    return {name: tf.make_ndarray(values) for name, values in response.outputs.items()}


def _input_types(
    service: prediction_service_pb2_grpc.PredictionServiceStub, model: str
) -> dict[str, tf.DType]:
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = model
    packed = service.GetModelMetadata(request, timeout=_SECONDS).metadata["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    packed.Unpack(signatures)
    inputs = signatures.signature_def[SIGNATURE].inputs
    return {name: tf.as_dtype(one.dtype) for name, one in inputs.items()}


def _value(dtype: tf.DType, text: str) -> float | bytes:
    if dtype != tf.string:
        return float(text) if text else math.nan
    return Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("field", nargs="*", help="name=value, or name=@file of an image")
    parser.add_argument("--address", default="127.0.0.1:8500")
    arguments = parser.parse_args()
    fields = dict(field.split("=", 1) for field in arguments.field)
    for output, values in sorted(ask(arguments.address, arguments.model, fields).items()):
        print(output, [one.decode() if isinstance(one, bytes) else one for one in values.ravel().tolist()])
