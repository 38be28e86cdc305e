import subprocess
import sys

from tests.terminal import lines_of_libraries

# Written by libraries in both lanes as they are loaded, and by gRPC.
LOGGED = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1796055433.091539    3319 cudart_stub.cc:31] Could not find cuda drivers on your machine.
W0000 00:00:1796055433.091539    3319 gpu_device.cc:2431] Cannot dlopen some GPU libraries.
E1130 16:01:24.123456 3319 completion_queue.cc:256] assertion failed
2026-11-30 16:01:24.123456: I tensorflow/core/platform/cpu_feature_guard.cc:182] This TensorFlow binary is optimized.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.
"""
SAID = """\
F0000 00:00:1796055433.091539    3319 tensor.cc:733] Check failed: dtype() == expected_dtype
Error: 2026-11-30 is no number
I0001 is a record
"""
PROGRAM = """
import os, subprocess, sys
from core.native_log import filter_native_log
filter_native_log()
os.write(2, sys.argv[1].encode())
subprocess.run(["sh", "-c", "echo from a process >&2"])
print("from Python", file=sys.stderr)
{end}
"""


def test_these_are_lines_that_the_tests_of_commands_look_for():
    assert lines_of_libraries(LOGGED + SAID) == [*LOGGED.splitlines(), SAID.splitlines()[0]]


def run(end: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(end=end)
    command = [sys.executable, "-c", program, LOGGED + SAID]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_lines_of_log_are_taken_out_and_all_else_arrives():
    done = run("")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert sorted(lines) == sorted([*SAID.splitlines(), "from a process", "from Python"])


def test_the_last_words_of_a_process_that_crashes_arrive():
    done = run("os.write(2, b'F0000 last words\\n'); os.abort()")
    assert done.returncode != 0
    assert "F0000 last words" in done.stderr.splitlines()


def test_a_stderr_that_is_not_the_terminal_is_left_alone(capsys, monkeypatch):
    from core.native_log import filter_native_log

    def refuse(*words, **options):
        raise AssertionError("nothing is to be started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    before = sys.stderr
    filter_native_log()
    assert sys.stderr is before
