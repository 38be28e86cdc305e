import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline import reaper
from pipeline.reaper import MARK

# Starts a process in a session of its own by way of a shell, as Beam starts its workers, and says its number.
STARTS_ANOTHER = """
import os, subprocess, sys, time
from pipeline.reaper import start_reaper
lock = open(sys.argv[3], "a")
start_reaper(os.getpid(), sys.argv[1], sys.argv[2], lock)
os.environ["COUNTERPOISE_PROCESS"] = sys.argv[1]
command = f"{sys.executable} -c 'import time; time.sleep(600)'; true"
started = subprocess.Popen(command, shell=True, start_new_session=True)
time.sleep(0.5)
print(started.pid, flush=True)
time.sleep(600 if sys.argv[4] == "sleeps" else 0)
"""


def wait_until(condition, seconds=20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


def carries(mark: str) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as handle:
                if f"{MARK}={mark}".encode() in handle.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue
    return found


@pytest.fixture
def start(tmp_path):
    """Starts the process that starts another; returns it once the other one runs."""

    def begin(mark: str, then: str) -> subprocess.Popen:
        (tmp_path / "scratch").mkdir()
        (tmp_path / "scratch" / "file").touch()
        words = [mark, tmp_path / "scratch", tmp_path / "lock", then]
        command = [sys.executable, "-c", STARTS_ANOTHER, *map(str, words)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline().strip().isdigit()
        return process

    return begin


@pytest.mark.parametrize("then", ["sleeps", "ends"])
def test_what_a_process_started_and_its_files_go_with_it(tmp_path, start, then):
    process = start(f"mark of {then}", then)
    if then == "sleeps":
        # The shell and what it runs.
        assert len(carries(f"mark of {then}")) == 2
        process.send_signal(signal.SIGKILL)
    process.wait()
    assert wait_until(lambda: not carries(f"mark of {then}"))
    assert wait_until(lambda: not (tmp_path / "scratch").exists())


def test_what_another_process_started_is_left_alone(start):
    environment = {**os.environ, MARK: "another's"}
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=environment)
    process = start("one's own", "sleeps")
    process.kill()
    process.wait()
    assert wait_until(lambda: not carries("one's own"))
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_one_that_shows_no_environment_at_the_first_look_is_ended_too(monkeypatch):
    """As one that is just being started, which cannot be brought about at will."""
    mark, looks = "just started", []
    started = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], env={**os.environ, MARK: mark}
    )
    assert wait_until(lambda: carries(mark))
    look = reaper._marked

    def too_early_once(mark: str) -> list[int]:
        looks.append(mark)
        return [] if len(looks) == 1 else look(mark)

    monkeypatch.setattr(reaper, "_marked", too_early_once)
    reaper.end_marked(mark)
    assert started.wait(20) == -signal.SIGKILL
