"""Clients that ask a server for a record, or a few, at a time, one or many of them, in a process of their own."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Ask = Callable[[], None]
_SIGNATURE = "serving_default"
# Longer than any pause of the machine: a slow answer is seen in the rate, and is no error.
_SECONDS = 600


@dataclass(frozen=True)
class Address:
    """Where a server answers.

    Attributes:
        model: The model's name.
        port: Of REST.
        grpc_port: Of gRPC.
    """

    model: str
    port: int
    grpc_port: int


@dataclass(frozen=True)
class Load:
    """What many clients saw.

    Attributes:
        rate: Records answered a second.
        errors: Requests without an answer, each as what went wrong.
        cpu_seconds: What the clients themselves took of the cores.
        asked: Requests in all, those of the first round among them, which is left out of the other figures.
    """

    rate: float
    errors: list[str]
    cpu_seconds: float
    asked: int


def milliseconds(call: Ask, times: int) -> list[float]:
    """Returns each call's milliseconds; a first tenth, which warms up, is left out."""
    taken = []
    for _ in range(times + times // 10 + 1):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return taken[-times:]


def lone_client(api: str, address: Address, record: bytes, requests: int) -> tuple[list[float], int]:
    """Returns the milliseconds of one request for one record after the other, and how many had no answer."""
    errors: list[Exception] = []
    return milliseconds(_counting(_client(api, address, [record]), errors), requests), len(errors)


def many_clients(
    api: str, address: Address, record: bytes, requests: int, clients: int, rows: int = 1
) -> Load:
    """Lets clients ask at the same time, each in one request after the other, for so many rows of the record."""
    errors: list[Exception] = []
    asks = [_counting(_client(api, address, [record] * rows), errors) for _ in range(clients)]
    each = max(1, requests // clients)
    # A short first round makes the graph ready for batches.
    first = min(each, 20)
    _all_at_once(asks, first)
    errors.clear()
    cpu, started = time.process_time(), time.perf_counter()
    _all_at_once(asks, each)
    seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu
    rate = rows * clients * each / seconds
    return Load(rate, [str(one)[:300] for one in errors], cpu, clients * (first + each))


def _all_at_once(asks: list[Ask], each: int) -> None:
    def work(ask: Ask) -> None:
        for _ in range(each):
            ask()

    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _counting(ask: Ask, errors: list[Exception]) -> Ask:
    def counted() -> None:
        try:
            ask()
        except Exception as error:
            errors.append(error)

    return counted


def _client(api: str, address: Address, records: list[bytes]) -> Ask:
    return _rest_client(address, records) if api == "REST" else _grpc_client(address, records)


def _rest_client(address: Address, records: list[bytes]) -> Ask:
    """Asks over a socket of its own: Python's HTTP client would take more of the cores than the server."""
    instances = [{"b64": base64.b64encode(record).decode()} for record in records]
    body = json.dumps({"signature_name": _SIGNATURE, "instances": instances}).encode()
    head = (
        f"POST /v1/models/{address.model}:predict HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", address.port))
    answers = connection.makefile("rb")

    def ask() -> None:
        connection.sendall(head.encode() + body)
        status, length = answers.readline(), 0
        while (line := answers.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        answer = answers.read(length)
        if b" 200 " not in status:
            raise RuntimeError(answer)

    return ask


def _grpc_client(address: Address, records: list[bytes]) -> Ask:
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    channel = grpc.insecure_channel(f"127.0.0.1:{address.grpc_port}")
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = address.model, _SIGNATURE
    request.inputs["examples"].CopyFrom(tf.make_tensor_proto(records))
    return lambda: stub.Predict(request, timeout=_SECONDS)
