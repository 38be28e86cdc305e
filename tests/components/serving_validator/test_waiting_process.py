"""A process that waits for its work: what it says, what becomes of it, and that it goes with its parent."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from components.serving_validator import fresh_process, replay
from components.serving_validator.fresh_process import (
    ReplayFailedError,
    prepare_fresh_process,
    replay_in_fresh_process,
)
from components.serving_validator.request import Request
from components.serving_validator.waiting_process import WaitingProcess

REQUESTS = [Request("nothing is special", "answer", (b"one",), ("the one",))]


@pytest.fixture
def waiting(monkeypatch):
    """Makes a process wait that is to call a function in the place of the replay."""
    monkeypatch.setattr(fresh_process, "_waiting", [])

    def put(main) -> None:
        monkeypatch.setattr(replay, "main", main)
        prepare_fresh_process()

    return put


def test_its_work_is_done_and_its_words_go_to_files(tmp_path, monkeypatch):
    def main(model_folder, folder):
        print(f"{model_folder} in {os.getpid()}", flush=True)
        Path(folder, "done").write_text("yes")

    monkeypatch.setattr(replay, "main", main)
    process = WaitingProcess()
    assert process.is_alive
    said, errors = tmp_path / "stdout", tmp_path / "stderr"
    assert process.replay("model", str(tmp_path), str(said), str(errors), time_limit=30) == 0
    assert re.fullmatch(r"model in (\d+)\n", said.read_text())[1] != str(os.getpid())
    assert (tmp_path / "done").read_text() == "yes" and errors.read_text() == ""
    assert not process.is_alive


def test_a_failing_one_is_told_with_its_last_words(waiting):
    def main(model_folder, folder):
        print("loading the model", flush=True)
        raise ValueError("Op type not registered Foo")

    waiting(main)
    with pytest.raises(ReplayFailedError, match=r"status 1 while loading the model: .*not registered Foo"):
        replay_in_fresh_process("model", REQUESTS, time_limit=30)


def test_one_that_takes_too_long_is_ended(waiting, tmp_path):
    def main(model_folder, folder):
        print("serving_default with request 0", flush=True)
        (tmp_path / "pid").write_text(str(os.getpid()))
        time.sleep(97)

    waiting(main)
    with pytest.raises(ReplayFailedError, match=r"after 0\.5 seconds.*asking serving_default where nothing"):
        replay_in_fresh_process("model", REQUESTS, time_limit=0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_one_that_is_killed_is_told_by_the_signal(waiting):
    waiting(lambda *folders: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(ReplayFailedError, match="was killed by SIGKILL while starting"):
        replay_in_fresh_process("model", REQUESTS, time_limit=30)


def test_one_that_is_gone_is_replaced_by_one_that_is_started(waiting, monkeypatch):
    waiting(lambda *folders: None)
    [process] = fresh_process._waiting
    process._process.kill()
    process._process.join()
    monkeypatch.setattr(fresh_process.sys, "executable", "false")
    with pytest.raises(ReplayFailedError, match="ended with status 1 while starting"):
        replay_in_fresh_process("model", REQUESTS, time_limit=30)
    assert fresh_process._waiting == []


def test_it_goes_with_its_parent(tmp_path):
    # The module behind it imports TensorFlow, which has no part in this.
    program = textwrap.dedent(
        """
        import os, sys, types
        sys.modules["components.serving_validator.replay"] = types.ModuleType("components.serving_validator.replay")
        import components.serving_validator
        components.serving_validator.replay = sys.modules["components.serving_validator.replay"]
        from components.serving_validator.waiting_process import WaitingProcess
        print(WaitingProcess()._process.pid, flush=True)
        os._exit(0)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{done.stdout.strip()}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
