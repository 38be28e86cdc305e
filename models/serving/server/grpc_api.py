"""TensorFlow Serving's gRPC services: PredictionService, ModelService and, where installed, gRPC's health check."""

import importlib.util
import math
import traceback
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.message import Message
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    input_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from models.serving.server.service import Service, Target
from models.serving.server.signature import DEFAULT_SIGNATURE, Signature, Tensors
from models.serving.server.status import RequestError, StatusCode, invalid_argument

_SIGNATURE_DEF = "signature_def"


def add_services(server: grpc.Server, service: Service, max_request_bytes: int) -> None:
    """Adds the services to a gRPC server.

    Args:
        server: Not started yet.
        service: Answers the requests.
        max_request_bytes: Most bytes that one tensor may stand for.
    """
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        _PredictionService(service, max_request_bytes), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_ModelService(service), server)
    if importlib.util.find_spec("grpc_health") is not None:
        _add_health_check(server)


def _add_health_check(server: grpc.Server) -> None:
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc

    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for name in ("", "tensorflow.serving.PredictionService"):
        servicer.set(name, health_pb2.HealthCheckResponse.SERVING)


class _PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, service: Service, max_request_bytes: int):
        self._service = service
        self._max_tensor_bytes = max_request_bytes

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _answer(self._service, "predict", request, context, self._predict)

    def Classify(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _answer(self._service, "classify", request, context, self._classify)

    def Regress(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _answer(self._service, "regress", request, context, self._regress)

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _answer(self._service, "metadata", request, context, self._metadata)

    def _predict(self, request: Any) -> Message:
        model = self._service.model(_target(request))
        name = request.model_spec.signature_name or DEFAULT_SIGNATURE
        signature = model.find(name)
        if signature is None:
            raise RequestError(StatusCode.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
        wanted = _wanted_outputs(signature, list(request.output_filter))
        outputs = self._service.predict(model, name, lambda _: self._tensors(request))
        answer = predict_pb2.PredictResponse(model_spec=_model_spec(request, model.version, name))
        for output in wanted:
            answer.outputs[output].CopyFrom(tf.make_tensor_proto(outputs[output]))
        return answer

    def _classify(self, request: Any) -> Message:
        model = self._service.model(_target(request))
        name = request.model_spec.signature_name
        classes = self._service.classify(model, name, _examples(request.input))
        answer = classification_pb2.ClassificationResponse(
            model_spec=_model_spec(request, model.version, name)
        )
        for one in classes:
            added = answer.result.classifications.add()
            for label, score in one:
                added.classes.add(label=label, score=score)
        return answer

    def _regress(self, request: Any) -> Message:
        model = self._service.model(_target(request))
        name = request.model_spec.signature_name
        values = self._service.regress(model, name, _examples(request.input))
        answer = regression_pb2.RegressionResponse(model_spec=_model_spec(request, model.version, name))
        for value in values:
            answer.result.regressions.add(value=value)
        return answer

    def _metadata(self, request: Any) -> Message:
        if not request.metadata_field:
            raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid_argument(f"Metadata field {field} is not supported")
        target = _target(request)
        model = self._service.model(target)
        definitions = get_model_metadata_pb2.SignatureDefMap()
        for name, definition in model.graph.signatures.items():
            definitions.signature_def[name].CopyFrom(definition)
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        answer.model_spec.name = target.name
        answer.model_spec.version.value = model.version
        answer.metadata[_SIGNATURE_DEF].Pack(definitions)
        return answer

    def _tensors(self, request: Any) -> Tensors:
        return {name: self._tensor(name, proto) for name, proto in request.inputs.items()}

    def _tensor(self, name: str, proto: Any) -> np.ndarray:
        sizes = [dim.size for dim in proto.tensor_shape.dim]
        # One value with a shape stands for as many copies, so a few bytes could ask for any memory.
        if min(sizes, default=0) < 0 or math.prod(sizes) > self._max_tensor_bytes:
            raise invalid_argument(f"Input {name}: a tensor of shape {sizes} is not accepted")
        try:
            return tf.make_ndarray(proto)
        except Exception as error:
            raise invalid_argument(f"Input {name} is no tensor: {error}") from None


class _ModelService(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, service: Service):
        self._service = service

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _answer(self._service, "status", request, context, self._status)

    def _status(self, request: Any) -> Message:
        answer = get_model_status_pb2.GetModelStatusResponse()
        for version, state in self._service.states(_target(request)).items():
            added = answer.model_version_status.add(version=version)
            added.state = get_model_status_pb2.ModelVersionStatus.State.Value(state.state)
            added.status.error_code = state.code.number
            added.status.error_message = state.message
        return answer


def _answer(
    service: Service,
    method: str,
    request: Any,
    context: grpc.ServicerContext,
    answer: Callable[[Any], Message],
) -> Any:
    try:
        with service.counted("gRPC", method, request.model_spec.name):
            return answer(request)
    except RequestError as error:
        context.set_code(getattr(grpc.StatusCode, error.code.name))
        context.set_details(error.message)
    except Exception:
        traceback.print_exc()
        context.set_code(grpc.StatusCode.INTERNAL)
        context.set_details("Internal error")
    return None


def _target(request: Any) -> Target:
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec = request.model_spec
    chosen = spec.WhichOneof("version_choice")
    return Target(
        spec.name,
        spec.version.value if chosen == "version" else None,
        spec.version_label if chosen == "version_label" else None,
    )


def _model_spec(request: Any, version: int, signature_name: str) -> Any:
    spec = model_pb2.ModelSpec(
        name=request.model_spec.name, signature_name=signature_name or DEFAULT_SIGNATURE
    )
    spec.version.value = version
    return spec


def _wanted_outputs(signature: Signature, named: list[str]) -> list[str]:
    for name in named:
        if name not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the set "
                f"{{{','.join(sorted(signature.outputs))}}}."
            )
        if named.count(name) > 1:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
    return named or list(signature.outputs)


def _examples(given: input_pb2.Input) -> list[bytes]:
    kind = given.WhichOneof("kind")
    if kind == "example_list":
        return [one.SerializeToString() for one in given.example_list.examples]
    if kind == "example_list_with_context":
        # Serialised messages written one after the other are their union.
        context = given.example_list_with_context.context.SerializeToString()
        return [context + one.SerializeToString() for one in given.example_list_with_context.examples]
    raise invalid_argument("Input is empty.")
