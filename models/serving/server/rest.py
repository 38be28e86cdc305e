"""REST API of TensorFlow Serving, a page to try the model on, and metrics, as an ASGI application.

Reference: https://www.tensorflow.org/tfx/serving/api_rest; https://asgi.readthedocs.io/en/latest/specs/www.html.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from models.serving.server.json_document import JsonObject, read_object, read_signature_name, to_json, write
from models.serving.server.json_examples import read_examples
from models.serving.server.json_tensors import layout_of, read_tensors, write_predictions
from models.serving.server.metadata_json import metadata_document, status_document
from models.serving.server.page import render_page
from models.serving.server.page_fields import PageFields, page_fields
from models.serving.server.request_body import BodyRefused, ClientGone, Message, Receive, read_body
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
from models.serving.server.status import RequestError, StatusCode, invalid_argument

# TensorFlow Serving's own address of the counts is the second.
_METRICS_PATHS = ("/metrics", "/monitoring/prometheus/metrics")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: HTTP status.
        body: The body.
        content_type: Of the body.
        headers: Further headers; their names in lower case.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def messages(self) -> Iterable[Message]:
        """Yields what ASGI sends."""
        own = (("content-type", self.content_type), ("content-length", str(len(self.body))), *self.headers)
        headers = [(name.encode(), value.encode("latin-1")) for name, value in own]
        yield {"type": "http.response.start", "status": self.status, "headers": headers}
        yield {"type": "http.response.body", "body": self.body}


class RestApi:
    """The application.

    Args:
        service: Answers the requests.
        executor: Runs them, so that a slow one holds up no other.
        max_request_bytes: Most bytes in a request's body.
    """

    def __init__(self, service: Service, executor: Executor, max_request_bytes: int):
        self._service, self._executor = service, executor
        self._max_request_bytes = max_request_bytes

    async def __call__(
        self, scope: Message, receive: Receive, send: Callable[[Message], Awaitable[None]]
    ) -> None:
        try:
            answer = await self._answer(scope, receive)
        except BodyRefused as refused:
            close = (("connection", "close"),) if refused.closes else ()
            answer = _refusal(refused.status, str(refused), close)
        except ClientGone:
            return
        except Exception:
            answer = _internal_error()
        for message in answer.messages():
            await send(message)

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        method, path = scope["method"], scope["raw_path"].decode("latin-1")
        if path.lower().startswith("/v1/"):
            body = await read_body(scope, receive, self._max_request_bytes)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, _call, self._service, method, path, body)
        if path != "/" and path not in _METRICS_PATHS:
            return _refusal(404, f"Malformed request: {method} {path}")
        if method != "GET":
            return _refusal(400, f"Malformed request: {method} {path}")
        return self._page() if path == "/" else self._metrics()

    def _page(self) -> Answer:
        rendered = render_page(self._service.name)
        policy = (("content-security-policy", rendered.policy),)
        return Answer(200, rendered.html.encode(), "text/html; charset=utf-8", policy)

    def _metrics(self) -> Answer:
        return Answer(200, self._service.metrics_text(), CONTENT_TYPE_PLAIN_0_0_4)


def _refusal(status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, write({"error": message}), headers=headers)


def _internal_error() -> Answer:
    traceback.print_exc()
    return _refusal(StatusCode.INTERNAL.http, "Internal error")


def _call(service: Service, http_method: str, path: str, body: bytes) -> Answer:
    try:
        call = read_path(http_method, path)
        with service.counted("REST", call.method, call.target.name):
            return Answer(StatusCode.OK.http, write(_METHODS[call.method](service, call, body)))
    except RequestError as error:
        return _refusal(error.code.http, error.message)
    except Exception:
        return _internal_error()


def _predict(service: Service, call: Call, body: bytes) -> JsonObject:
    document = read_object(body)
    name = read_signature_name(document)
    outputs = service.predict(
        service.model(call.target), name, lambda signature: read_tensors(document, signature.inputs)
    )
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    return write_predictions(outputs, layout_of(document))


def _classify(service: Service, call: Call, body: bytes) -> JsonObject:
    document = read_object(body)
    examples = read_examples(document)
    classes = service.classify(service.model(call.target), read_signature_name(document), examples)
    return {"results": [[[label, _number(score)] for label, score in one] for one in classes]}


def _regress(service: Service, call: Call, body: bytes) -> JsonObject:
    document = read_object(body)
    examples = read_examples(document)
    values = service.regress(service.model(call.target), read_signature_name(document), examples)
    return {"results": to_json(values, as_bytes=False)}


def _status(service: Service, call: Call, body: bytes) -> JsonObject:
    return status_document(service.states(call.target))


def _metadata(service: Service, call: Call, body: bytes) -> JsonObject:
    model = service.model(call.target)
    return metadata_document(call.target.name, model.version, model.graph.signatures)


def _form(service: Service, call: Call, body: bytes) -> PageFields:
    return page_fields(call.target.name, service.model(call.target))


def _number(score: float) -> Any:
    return to_json(np.asarray(score, np.float32), as_bytes=False)


_METHODS: dict[str, Callable[[Service, Call, bytes], Mapping[str, object]]] = {
    PREDICT: _predict,
    CLASSIFY: _classify,
    REGRESS: _regress,
    STATUS: _status,
    METADATA: _metadata,
    FORM: _form,
}
