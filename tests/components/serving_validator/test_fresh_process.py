import subprocess

import pytest

from components.serving_validator import fresh_process
from components.serving_validator.fresh_process import ReplayFailedError, replay_in_fresh_process
from components.serving_validator.request import Request

REQUESTS = [Request("nothing is special", "answer", (b"one",), ("the one",))]


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Puts a shell script in the place of Python."""

    def put(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(fresh_process.sys, "executable", str(path))

    return put


def test_a_failing_process_is_told_with_its_last_words(program):
    program("echo 'loading the model'; echo 'Op type not registered Foo' >&2; exit 4")
    with pytest.raises(
        ReplayFailedError, match=r"status 4 while loading the model: Op type not registered Foo"
    ):
        replay_in_fresh_process("model", REQUESTS, time_limit=10)


def test_a_process_that_takes_too_long_is_ended(program):
    program("echo 'serving_default with request 0'; exec sleep 97")
    with pytest.raises(
        ReplayFailedError, match=r"after 0\.5 seconds.*asking serving_default where nothing is special"
    ):
        replay_in_fresh_process("model", REQUESTS, time_limit=0.5)
    assert subprocess.run(["pgrep", "-fx", "sleep 97"], capture_output=True).returncode == 1
