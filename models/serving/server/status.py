"""Status codes that REST and gRPC share, and the refusal of a request with one."""

import enum
import re

# What TensorFlow wraps around the sentence that says what is wrong.
_WRAPPING = re.compile(
    r'^(Graph execution error:|Detected at node .*|<stack traces unavailable>|\s*File ".*|)$'
)
_NODES = re.compile(r"\s*(\[\[.*?\]\]|\[Op:[^\]]*\])")


class StatusCode(enum.Enum):
    """gRPC's status codes with the HTTP status that TensorFlow Serving gives each.

    Reference: ToHTTPStatusCode in tensorflow_serving/model_servers/http_server.cc.
    """

    OK = (0, 200)
    CANCELLED = (1, 499)
    UNKNOWN = (2, 500)
    INVALID_ARGUMENT = (3, 400)
    DEADLINE_EXCEEDED = (4, 504)
    NOT_FOUND = (5, 404)
    ALREADY_EXISTS = (6, 409)
    PERMISSION_DENIED = (7, 403)
    RESOURCE_EXHAUSTED = (8, 429)
    FAILED_PRECONDITION = (9, 400)
    ABORTED = (10, 409)
    OUT_OF_RANGE = (11, 400)
    UNIMPLEMENTED = (12, 501)
    INTERNAL = (13, 500)
    UNAVAILABLE = (14, 503)
    DATA_LOSS = (15, 500)
    UNAUTHENTICATED = (16, 401)

    @property
    def number(self) -> int:
        """The code's number in gRPC and in TensorFlow."""
        return self.value[0]

    @property
    def http(self) -> int:
        """The status of an HTTP answer."""
        return self.value[1]


_BY_NUMBER = {code.number: code for code in StatusCode}


class RequestError(Exception):
    """Refuses a request.

    Args:
        code: What kind of refusal it is.
        message: What is wrong, for the client.
    """

    def __init__(self, code: StatusCode, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def invalid_argument(message: str) -> RequestError:
    """Returns the refusal of a request that can never be answered."""
    return RequestError(StatusCode.INVALID_ARGUMENT, message)


def from_tensorflow(number: int, message: str) -> RequestError:
    """Returns the refusal for an error of the graph, without the names of nodes and stack traces.

    Args:
        number: `error_code` of a tf.errors.OpError.
        message: Its `message`.
    """
    lines = [_NODES.sub("", line) for line in message.splitlines()]
    sentences = [line.strip() for line in lines if not _WRAPPING.match(line)]
    return RequestError(
        _BY_NUMBER.get(number, StatusCode.UNKNOWN), "\n".join(sentences) or "The model failed"
    )
