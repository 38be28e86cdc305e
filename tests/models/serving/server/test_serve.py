"""The command: one line when it is ready, and an orderly end."""

import json
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import COUNTERPOISE, counterpoise


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen]:
    command = [COUNTERPOISE, "serve", str(folder), "--port", "0", "--grpc-port", "0", "--name", "parts"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def served(parts_folder) -> Iterator[subprocess.Popen]:
    with serving(parts_folder) as process:
        yield process


@pytest.fixture
def served_copy(parts_folder, tmp_path) -> Iterator[tuple[subprocess.Popen, Path]]:
    """With its folder, where versions can be put."""
    folder = tmp_path / "serving"
    shutil.copytree(parts_folder, folder)
    with serving(folder) as process:
        yield process, folder


def test_a_request_under_way_is_finished_when_the_server_is_told_to_stop(served):
    line = served.stdout.readline()
    port = int(re.fullmatch(r"Serving parts, version 1: .* http://127\.0\.0\.1:(\d+), gRPC on .*\n", line)[1])
    address = f"http://127.0.0.1:{port}/v1/models/parts:predict"
    answers = []

    def ask_for_long_work() -> None:
        body = json.dumps({"signature_name": "busy", "instances": [6000]}).encode()
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=120) as response:
            answers.append(json.loads(response.read()))

    client = threading.Thread(target=ask_for_long_work)
    client.start()
    time.sleep(0.5)
    assert not answers
    served.send_signal(signal.SIGTERM)
    client.join()
    assert answers == [{"predictions": [6000.0]}]
    rest, noise = served.communicate(timeout=60)
    assert (served.returncode, rest, noise) == (0, "", "")


def test_what_cannot_be_served_ends_with_one_message(tmp_path):
    done = counterpoise("serve", tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ") and "is not a folder" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def folder_without_a_model(tmp_path: Path) -> Path:
    """What would be said of it comes after what is said of a port."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"no model")
    return tmp_path


def test_a_port_that_is_taken_ends_with_one_message(folder_without_a_model: Path):
    for option, other in (("--port", "--grpc-port"), ("--grpc-port", "--port")):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = counterpoise("serve", folder_without_a_model, option, port, other, 0)
        assert done.returncode == 2 and done.stderr.count("\n") == 1
        assert f"port {port}: another program has it" in done.stderr and f"with {option};" in done.stderr


def test_one_port_for_both_ends_with_one_message(folder_without_a_model: Path):
    done = counterpoise("serve", folder_without_a_model, "--port", 9, "--grpc-port", 9)
    assert done.returncode == 2 and "--port and --grpc-port are both 9" in done.stderr


def test_a_version_that_cannot_be_loaded_is_logged_on_the_terminal(served_copy):
    process, folder = served_copy
    process.stdout.readline()
    (folder / "2").mkdir()
    (folder / "2" / "saved_model.pb").write_bytes(b"no model")
    line = process.stderr.readline()
    assert re.match(
        r"\d{4}-\d\d-\d\d [\d:,]+ Version 2 of parts refused, version 1 goes on answering\. ", line
    )
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == ("", "") and process.returncode == 0
