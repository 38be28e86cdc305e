"""The command: one line when it is ready, and an orderly end."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import COUNTERPOISE, counterpoise


@pytest.fixture
def served(parts_folder) -> subprocess.Popen:
    command = [COUNTERPOISE, "serve", str(parts_folder), "--port", "0", "--grpc-port", "0", "--name", "parts"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def test_a_request_under_way_is_finished_when_the_server_is_told_to_stop(served):
    line = served.stdout.readline()
    port = int(re.fullmatch(r"Serving parts, version 1: .* http://127\.0\.0\.1:(\d+), gRPC on .*\n", line)[1])
    address = f"http://127.0.0.1:{port}/v1/models/parts:predict"
    answers = []

    def ask_for_long_work() -> None:
        body = json.dumps({"signature_name": "busy", "instances": [2000]}).encode()
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=120) as response:
            answers.append(json.loads(response.read()))

    client = threading.Thread(target=ask_for_long_work)
    client.start()
    time.sleep(0.5)
    assert not answers
    served.send_signal(signal.SIGTERM)
    client.join()
    assert answers == [{"predictions": [2000.0]}]
    rest, noise = served.communicate(timeout=60)
    assert (served.returncode, rest, noise) == (0, "", "")


def test_what_cannot_be_served_ends_with_one_message(tmp_path):
    done = counterpoise("serve", tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ") and "is not a folder" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_ends_with_one_message(parts_folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = counterpoise("serve", parts_folder, "--port", port, "--grpc-port", 0)
    assert done.returncode == 2
    assert f"port {port}: another program has it" in done.stderr and "--port" in done.stderr
