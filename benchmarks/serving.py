"""Measures what the server adds to the SavedModel, and how well it joins requests.

Command:  python -m benchmarks.serving [DIR] [--signature serving_default] [--requests 200] [--clients 32]
Time:     about a minute on 2 cores.
Prints:   milliseconds (half of the requests, 99 of 100) of one client that asks for one image, over REST and
          gRPC, against the SavedModel called in process; and the images a second of many clients, against
          full batches called in process. The aims are ratios of at most 1.3 and at least 0.8.

DIR is the output folder of a run on images. Without it, MobileNetV2 at alpha 0.35 with random weights is
exported: what an answer costs does not depend on what the model has learnt. Server, clients and the calls in
process are three processes, which share the cores as they would on one machine.
"""

import argparse
import base64
import json
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

_SIZE = (96, 96)
_BATCH = 64
_NUM_CLASSES = 6
_COMMAND = (sys.executable, "-c", "from pipeline.cli import main; main()", "serve")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", metavar="DIR")
    parser.add_argument("--signature", default="serving_default", help="takes serialised examples")
    parser.add_argument("--image", default="image", help="name of the image in an example")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--clients", type=int, default=32)
    arguments = parser.parse_args()
    # Children that measure must not begin with this process's TensorFlow.
    multiprocessing.set_start_method("spawn")
    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.directory
        if directory is None:
            directory = folder
            _apart(_export, folder)
        _measure(directory, arguments)


def _measure(directory: str, arguments: argparse.Namespace) -> None:
    common = (arguments.signature, arguments.image)
    direct, full = _apart(_in_process, directory, *common, arguments.requests)
    server = subprocess.Popen(
        [*_COMMAND, directory, "--port", "0", "--grpc-port", "0", "--max-batch", str(_BATCH)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        name, port, grpc_port = re.search(
            r"Serving (.*), version .*:(\d+), gRPC on .*:(\d+)$", server.stdout.readline()
        ).groups()
        where = (name, int(port), int(grpc_port))
        lone = {
            api: _apart(_lone_client, api, *where, *common, arguments.requests) for api in ("REST", "gRPC")
        }
        many = {
            api: _apart(_many_clients, api, *where, *common, arguments.requests * 5, arguments.clients)
            for api in ("REST", "gRPC")
        }
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    _report(direct, full, lone, many, arguments.clients)


def _report(direct, full: float, lone: dict, many: dict, clients: int) -> None:
    half, rare = np.percentile(direct, [50, 99])
    print(f"in process    p50 {half:7.2f} ms   p99 {rare:7.2f} ms")
    for api, (milliseconds, errors) in lone.items():
        middle, tail = np.percentile(milliseconds, [50, 99])
        print(
            f"{api:4}          p50 {middle:7.2f} ms   p99 {tail:7.2f} ms   errors {errors}   "
            f"ratio {middle / half:5.2f}  (aim: at most 1.3)"
        )
    print(f"full batches of {_BATCH} in process  {full:7.1f} images/s")
    for api, (rate, errors) in many.items():
        print(
            f"{clients} clients over {api:4}           {rate:7.1f} images/s   errors {errors}   "
            f"ratio {rate / full:5.2f}  (aim: at least 0.8)"
        )


def _apart(function: Callable, *arguments):
    """Runs a function in a process of its own."""
    with multiprocessing.Pool(1) as pool:
        return pool.apply(function, arguments)


def _export(folder: str) -> None:
    import tensorflow as tf

    from models.images import decode_images
    from models.network.classifier import InputShape, build_classifier
    from models.settings import ImageModelSettings, ModelSettings

    image = ImageModelSettings(backbone="MobileNetV2", alpha=0.35, weights=None, size=_SIZE)
    counts = np.full(_NUM_CLASSES, 100)
    model = build_classifier(InputShape(image=(*_SIZE, 3)), ModelSettings(image=image), counts, seed=0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(examples):
        encoded = tf.io.parse_example(examples, {"image": tf.io.FixedLenFeature([], tf.string)})["image"]
        probabilities = tf.nn.softmax(model({"image": decode_images(encoded, _SIZE, 3)}, training=False))
        return {"probabilities": probabilities, "decision_index": tf.argmax(probabilities, axis=-1)}

    served = tf.Module()
    served.model = model
    tf.saved_model.save(served, str(Path(folder, "1")), {"serving_default": serving_default})


def _example(image: str) -> bytes:
    import io

    import tensorflow as tf
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (*_SIZE, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[buffer.getvalue()]))
    return tf.train.Example(features=tf.train.Features(feature={image: feature})).SerializeToString()


def _in_process(directory: str, signature: str, image: str, requests: int) -> tuple[list[float], float]:
    """Returns the milliseconds of single calls, and the images a second of full batches."""
    import tensorflow as tf

    from models.serving.server.place import find_place, version_folder, versions_in

    folder = find_place(directory).folder
    loaded = tf.saved_model.load(version_folder(folder, versions_in(folder)[-1]))
    function = loaded.signatures[signature]
    [name] = function.structured_input_signature[1]
    example = _example(image)

    def call(size: int) -> None:
        outputs = function(**{name: tf.constant([example] * size)})
        for output in outputs.values():
            output.numpy()

    one = _milliseconds(lambda: call(1), requests)
    full = _milliseconds(lambda: call(_BATCH), max(5, requests // _BATCH * 3))
    return one, 1000 * _BATCH / float(np.median(full))


def _milliseconds(call: Callable[[], object], times: int) -> list[float]:
    """Returns each call's milliseconds; the first tenth, which warms up, is left out."""
    taken = []
    for _ in range(times + times // 10 + 1):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return taken[-times:]


def _lone_client(
    api: str, name: str, port: int, grpc_port: int, signature: str, image: str, requests: int
) -> tuple[list[float], int]:
    errors = []
    ask = _client(api, name, port, grpc_port, signature, image, errors)
    return _milliseconds(ask, requests), len(errors)


def _many_clients(
    api: str, name: str, port: int, grpc_port: int, signature: str, image: str, requests: int, clients: int
) -> tuple[float, int]:
    """Returns answers a second, and how many requests failed."""
    errors: list[object] = []
    asks = [_client(api, name, port, grpc_port, signature, image, errors) for _ in range(clients)]

    def work(ask: Callable[[], None]) -> None:
        for _ in range(max(1, requests // clients)):
            ask()

    # The first round, which makes the graph ready for batches, is left out.
    for _ in range(2):
        threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
    return clients * max(1, requests // clients) / seconds, len(errors)


def _client(
    api: str, name: str, port: int, grpc_port: int, signature: str, image: str, errors: list
) -> Callable[[], None]:
    make = _rest_client if api == "REST" else _grpc_client
    ask = make(name, port if api == "REST" else grpc_port, signature, _example(image))

    def counted() -> None:
        try:
            ask()
        except Exception as error:
            errors.append(error)

    return counted


def _rest_client(name: str, port: int, signature: str, example: bytes) -> Callable[[], None]:
    """Asks over a socket of its own: Python's HTTP client would take more of the cores than the server."""
    instance = {"b64": base64.b64encode(example).decode()}
    body = json.dumps({"signature_name": signature, "instances": [instance]}).encode()
    head = (
        f"POST /v1/models/{name}:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", port))
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


def _grpc_client(name: str, port: int, signature: str, example: bytes) -> Callable[[], None]:
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = name, signature
    request.inputs["examples"].CopyFrom(tf.make_tensor_proto([example]))
    return lambda: stub.Predict(request, timeout=60)


if __name__ == "__main__":
    main()
