"""A server that computes nothing: the same HTTP and gRPC stacks, and answers that are there before the question.

What it reaches is the most that any server in Python on these stacks could: the rest is the network's share, the
clients' and that of reading and writing.

Usage: python -m benchmarks.served.bare [--rows 1]
"""

import argparse
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import numpy as np

from models.serving.server.http_server import HttpServer

_NUM_CLASSES = 6
_THREADS = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1)
    rows = parser.parse_args().rows
    http = HttpServer(_Answering(_json_answer(rows)), "127.0.0.1", 0, stop_seconds=5)
    http.start()
    answer = _grpc_answer(rows)
    server = grpc.server(ThreadPoolExecutor(_THREADS))
    server.add_generic_rpc_handlers((_Handler(answer),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"Serving bare, version 1: http://127.0.0.1:{http.port}, gRPC on 127.0.0.1:{port}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    http.stop()
    server.stop(None).wait()


def _probabilities(rows: int) -> np.ndarray:
    values = np.random.default_rng(0).dirichlet(np.ones(_NUM_CLASSES), rows)
    return values.astype(np.float32)


def _json_answer(rows: int) -> bytes:
    predictions = [{"probabilities": row, "decision_index": 0} for row in _probabilities(rows).tolist()]
    return json.dumps({"predictions": predictions}).encode()


def _grpc_answer(rows: int) -> bytes:
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    response = predict_pb2.PredictResponse()
    response.outputs["probabilities"].CopyFrom(tf.make_tensor_proto(_probabilities(rows)))
    response.outputs["decision_index"].CopyFrom(tf.make_tensor_proto(np.zeros(rows, np.int64)))
    return response.SerializeToString()


class _Answering:
    """An ASGI application that reads a request and sends the answer."""

    def __init__(self, answer: bytes):
        length = str(len(answer)).encode()
        self._head = [(b"content-type", b"application/json"), (b"content-length", length)]
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": self._head})
        await send({"type": "http.response.body", "body": self._answer})


class _Handler(grpc.GenericRpcHandler):
    """Answers every method; requests stay unread bytes."""

    def __init__(self, answer: bytes):
        self._answer = answer

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._answer)


if __name__ == "__main__":
    main()
