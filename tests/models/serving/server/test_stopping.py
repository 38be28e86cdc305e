"""A server that is told to stop while requests come: what it has read, it answers."""

import http.client
import json
import socket
import threading
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from models.serving.server.grpc_request_counter import GrpcRequestCounter
from tests.models.serving.server.conftest import LocalServer

CROWD = 150
BODY = json.dumps({"signature_name": "busy", "instances": [150]}).encode()


@pytest.fixture
def stopping(start, parts_folder) -> LocalServer:
    return start(parts_folder)


def test_every_request_over_grpc_is_answered(stopping):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "parts", "busy"
    request.inputs["rounds"].CopyFrom(tf.make_tensor_proto(np.int32([150])))
    with grpc.insecure_channel(f"127.0.0.1:{stopping.grpc_port}") as channel:
        grpc.channel_ready_future(channel).result(timeout=60)
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        answers = [stub.Predict.future(request, timeout=120) for _ in range(CROWD)]
        stopping.stop()
        assert [one.exception() for one in answers] == [None] * CROWD


def test_every_request_over_rest_is_answered(stopping):
    connections = []
    for _ in range(CROWD):
        connection = http.client.HTTPConnection("127.0.0.1", stopping.port, timeout=120)
        connection.request("POST", "/v1/models/parts:predict", BODY)
        connections.append(connection)
    stopping.stop()
    answers = [connection.getresponse() for connection in connections]
    assert [json.loads(one.read()) for one in answers] == [{"predictions": [150.0]}] * CROWD


def test_requests_sent_one_behind_the_other_on_a_connection_are_all_answered(stopping):
    one = (
        b"POST /v1/models/parts:predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
    )
    with socket.create_connection(("127.0.0.1", stopping.port), timeout=120) as connection:
        connection.sendall(one * 5)
        stopping.stop()
        received = b""
        while piece := connection.recv(4096):
            received += piece
    assert received.count(b'{"predictions":[150.0]}') == 5


def test_requests_that_never_cease_are_not_waited_for_for_ever():
    requests, ended = GrpcRequestCounter(), threading.Event()

    def come() -> None:
        while not ended.wait(0.01):
            requests.intercept_service(lambda details: None, None)

    coming = threading.Thread(target=come)
    coming.start()
    started = time.monotonic()
    requests.wait_until_quiet(0.5)
    ended.set()
    coming.join()
    assert 0.5 <= time.monotonic() - started < 5
