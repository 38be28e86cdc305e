"""What clients that do not play by the rules of HTTP are told, and when they are let go."""

import contextlib
import json
import socket
import time

import pytest

from models.serving.server import http_protocol, http_server, request_body
from models.serving.server.http_server import HttpServer

PREDICT = b"POST /v1/models/parts:predict HTTP/1.1\r\nHost: x\r\n"


def say(port: int, *pieces: bytes) -> bytes:
    """Sends bytes, and returns all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while got := connection.recv(4096):
            received += got
        return received


def refused(received: bytes) -> tuple[int, str]:
    """Returns the status and the sentence of a refusal in TensorFlow Serving's form."""
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/json" in head and b"server: counterpoise" in head
    [(key, sentence)] = json.loads(body).items()
    assert key == "error"
    return int(head.split()[1]), sentence


@pytest.mark.parametrize(
    "sent", [b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / SMTP/1.1\r\n\r\n"]
)
def test_bytes_that_are_no_request_are_refused_in_the_form_of_the_api(server, sent):
    status, sentence = refused(say(server.port, sent))
    assert status == 400 and sentence.startswith("Malformed request: ")


def test_a_head_without_end_is_refused(server):
    status, sentence = refused(say(server.port, PREDICT, *[b"X-More: " + b"x" * 10_000 + b"\r\n"] * 7))
    assert (status, sentence) == (400, "Malformed request: a head of over 65536 bytes")


def test_a_long_body_does_not_count_as_head(server):
    body = json.dumps({"signature_name": "add", "instances": [[1, 2]]}).encode() + b" " * 500_000
    head = PREDICT + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert say(server.port, head, body[:200_000], body[200_000:]).endswith(b'{"predictions":[3.0]}')


def test_a_body_that_does_not_come_is_given_up(server, monkeypatch):
    monkeypatch.setattr(request_body, "_BODY_SECONDS", 0.2)
    status, sentence = refused(say(server.port, PREDICT + b"Content-Length: 9\r\n\r\n{"))
    assert status == 408 and "did not come within" in sentence


def test_a_body_without_end_is_refused_while_it_comes(server, monkeypatch):
    monkeypatch.setattr(request_body, "_MOST_READ", 2**21)
    chunk = b"%x\r\n" % 2**18 + b" " * 2**18 + b"\r\n"
    # One byte more than is read, so that none is left unread, at which the system would drop the answer.
    pieces = [PREDICT + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 8, b"1\r\n \r\n"]
    status, sentence = refused(say(server.port, *pieces))
    assert status == 413 and "larger than the limit of 1048576 bytes" in sentence


def test_a_client_that_waits_to_be_told_to_go_on_is_told(server):
    body = json.dumps({"signature_name": "add", "instances": [[1, 2]]}).encode()
    head = PREDICT + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    received = say(server.port, head, body)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_a_client_that_waits_with_too_large_a_body_need_not_send_it(server):
    head = PREDICT + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
    status, sentence = refused(say(server.port, head))
    assert status == 413 and "larger than the limit" in sentence


async def greeting(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


def test_a_client_that_says_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(http_server, "_IDLE_SECONDS", 0.2)
    listening = HttpServer(greeting, "127.0.0.1", 0, stop_seconds=5)
    listening.start()
    try:
        assert say(listening.port) == b""
        # One that has its answer, too.
        assert say(listening.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"hi")
    finally:
        listening.stop()


def test_a_head_that_does_not_come_to_its_end_is_given_up_however_it_drips(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "_HEAD_SECONDS", 0.5)
    status, sentence = refused(say(server.port, PREDICT))
    assert status == 408 and "head did not come within" in sentence
    # A piece at a time, each of which would begin a wait that is per piece anew; and lines that are passed over.
    for pieces, closed_with in ((PREDICT, b"HTTP/1.1 408 "), (b"\r\n" * 40, b"")):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            started, received = time.monotonic(), None
            connection.settimeout(0.1)
            for piece in pieces * 10:
                with contextlib.suppress(OSError):
                    connection.sendall(bytes([piece]))
                try:
                    received = connection.recv(4096)
                    break
                except TimeoutError:
                    continue
                except ConnectionError:
                    received = b""
                    break
            assert received is not None and received.startswith(closed_with)
            assert time.monotonic() - started < 10


def test_the_head_of_a_second_request_on_a_connection_must_come_in_time_too(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "_HEAD_SECONDS", 0.5)
    first = b"GET /v1/models/parts HTTP/1.1\r\nHost: x\r\n\r\n"
    received = say(server.port, first, b"GET /v1/mod")
    assert received.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 408 " in received


def test_an_answer_longer_in_the_making_than_a_head_may_be_is_waited_for(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "_HEAD_SECONDS", 0.2)
    body = json.dumps({"signature_name": "busy", "instances": [1000]}).encode()
    head = PREDICT + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert say(server.port, head, body).endswith(b'{"predictions":[1000.0]}')


def test_every_address_of_a_name_is_listened_on():
    listening = HttpServer(greeting, "localhost", 0, stop_seconds=5)
    listening.start()
    try:
        found = {
            one[4][:2] for one in socket.getaddrinfo("localhost", listening.port, type=socket.SOCK_STREAM)
        }
        for address in found:
            socket.create_connection(address, timeout=60).close()
    finally:
        listening.stop()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", listening.port), timeout=60)
