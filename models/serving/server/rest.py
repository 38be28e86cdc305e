"""The REST API over HTTP/1.1, the page, and the counts for Prometheus."""

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import tornado.web

from models.serving.server.definitions_json import metadata_document, status_document
from models.serving.server.draining import Draining
from models.serving.server.form import form_document
from models.serving.server.json_document import read_object, read_signature_name, to_json, write
from models.serving.server.json_examples import read_examples
from models.serving.server.json_tensors import layout_of, read_tensors, write_predictions
from models.serving.server.metrics import CONTENT_TYPE
from models.serving.server.page import page
from models.serving.server.rest_path import (
    CLASSIFY,
    FORM,
    METADATA,
    PREDICT,
    REGRESS,
    STATUS,
    Call,
    read_path,
)
from models.serving.server.service import Service
from models.serving.server.status import Code, RequestError, invalid

_JSON = "application/json"
# A body over the limit is read to its end up to here, because most clients read no answer before that.
_MOST_READ = 2**30


def application(
    service: Service, executor: Executor, max_request_bytes: int, draining: Draining
) -> tornado.web.Application:
    """Returns the web application.

    Args:
        service: Answers the requests.
        executor: Runs them, so that a slow one holds up no other.
        max_request_bytes: Most bytes in a request's body.
        draining: Where requests under way are noted.
    """
    given = {
        "service": service,
        "executor": executor,
        "max_request_bytes": max_request_bytes,
        "draining": draining,
    }
    return tornado.web.Application(
        [
            (r"/", _Page, given),
            (r"/metrics", _Metrics, given),
            # TensorFlow Serving's own address of the counts.
            (r"/monitoring/prometheus/metrics", _Metrics, given),
            (r"/(?i:v1)/.*", _Api, given),
        ],
        default_handler_class=_Unknown,
        default_handler_args=given,
        log_function=lambda handler: None,
    )


@tornado.web.stream_request_body
class _Handler(tornado.web.RequestHandler):
    """Gathers the body up to the limit, and answers errors as TensorFlow Serving does."""

    def initialize(
        self,
        service: Service,
        executor: Executor,
        max_request_bytes: int,
        draining: Draining,
    ) -> None:
        self.service = service
        self.executor = executor
        self.max_request_bytes = max_request_bytes
        self.draining = draining
        self.pieces: list[bytes] = []
        self.num_bytes = 0

    def prepare(self) -> None:
        self.draining.begin(self)
        declared = self.request.headers.get("Content-Length", "0")
        waits = self.request.headers.get("Expect", "").lower() == "100-continue"
        limit = self.max_request_bytes if waits else max(_MOST_READ, self.max_request_bytes)
        if declared.isdigit() and int(declared) > limit:
            self.set_header("Connection", "close")
            self.refuse_size()

    def data_received(self, chunk: bytes) -> None:
        self.num_bytes += len(chunk)
        if self.num_bytes <= self.max_request_bytes:
            self.pieces.append(chunk)
        else:
            self.pieces.clear()

    def on_finish(self) -> None:
        self.draining.end(self)

    def on_connection_close(self) -> None:
        self.draining.end(self)

    def set_default_headers(self) -> None:
        self.set_header("Server", "counterpoise")
        self.set_header("Content-Type", _JSON)
        self.set_header("X-Content-Type-Options", "nosniff")

    def compute_etag(self) -> None:
        return None

    def finish(self, chunk: Any = None) -> Any:
        if self.draining.stopping:
            self.set_header("Connection", "close")
        return super().finish(chunk)

    def refuse(self, status: int, message: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", _JSON)
        self.finish(write({"error": message}))

    def refuse_size(self) -> None:
        self.refuse(
            413,
            f"The request's body is larger than the limit of {self.max_request_bytes} bytes: send fewer "
            "rows at a time, or start the server with a higher --max-request-mb",
        )

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answers what Tornado refuses by itself, as an unknown method."""
        if status_code >= 500:
            self.refuse(status_code, "Internal error")
        else:
            self.refuse(400, f"Malformed request: {self.request.method} {self.request.path}")

    def log_exception(self, *error: Any) -> None:
        if not isinstance(error[1], tornado.web.HTTPError):
            traceback.print_exception(*error)


class _Api(_Handler):
    async def get(self) -> None:
        await self.answer()

    async def post(self) -> None:
        await self.answer()

    async def answer(self) -> None:
        if self.num_bytes > self.max_request_bytes:
            self.refuse_size()
            return
        method, path, body = self.request.method or "", self.request.path, b"".join(self.pieces)
        loop = asyncio.get_running_loop()
        status, answer = await loop.run_in_executor(self.executor, _answer, self.service, method, path, body)
        self.set_status(status)
        await self.finish(answer)


class _Metrics(_Handler):
    def get(self) -> None:
        self.set_header("Content-Type", CONTENT_TYPE)
        self.finish(self.service.metrics_text())


class _Page(_Handler):
    def get(self) -> None:
        shown = page(self.service.name)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", shown.policy)
        self.finish(shown.html)


class _Unknown(_Handler):
    def prepare(self) -> None:
        self.refuse(404, f"Malformed request: {self.request.method} {self.request.path}")


def _answer(service: Service, http_method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Returns the HTTP status and the body of the answer."""
    try:
        call = read_path(http_method, path)
        with service.counted("REST", call.method, call.target.name):
            return Code.OK.http, write(_METHODS[call.method](service, call, body))
    except RequestError as error:
        return error.code.http, write({"error": error.message})
    except Exception:
        traceback.print_exc()
        return Code.INTERNAL.http, write({"error": "Internal error"})


def _predict(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    document = read_object(body)
    name = read_signature_name(document)
    outputs = service.predict(
        service.model(call.target), name, lambda signature: read_tensors(document, signature.inputs)
    )
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    return write_predictions(outputs, layout_of(document))


def _classify(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    document = read_object(body)
    examples = read_examples(document)
    classes = service.classify(service.model(call.target), read_signature_name(document), examples)
    return {"results": [[[label, _short(score)] for label, score in one] for one in classes]}


def _regress(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    document = read_object(body)
    examples = read_examples(document)
    values = service.regress(service.model(call.target), read_signature_name(document), examples)
    return {"results": to_json(values, as_bytes=False)}


def _status(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    return status_document(service.states(call.target))


def _metadata(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    model = service.model(call.target)
    return metadata_document(call.target.name, model.version, model.graph.signatures)


def _form(service: Service, call: Call, body: bytes) -> dict[str, Any]:
    return form_document(call.target.name, service.model(call.target))


def _short(score: float) -> float:
    return float(str(np.float32(score)))


_METHODS: dict[str, Callable[[Service, Call, bytes], dict[str, Any]]] = {
    PREDICT: _predict,
    CLASSIFY: _classify,
    REGRESS: _regress,
    STATUS: _status,
    METADATA: _metadata,
    FORM: _form,
}
