"""One run at a time in an output folder."""

import subprocess
import sys

import pytest

from core.errors import InputError
from pipeline.output.run_lock import run_lock


def is_free(folder):
    try:
        with run_lock(str(folder), seconds=0):
            return True
    except InputError:
        return False


def test_a_second_run_is_refused_and_told_what_to_do(tmp_path):
    with (
        run_lock(str(tmp_path)),
        pytest.raises(InputError, match=rf"writing to {tmp_path}\. .* another folder with --output"),
        run_lock(str(tmp_path), seconds=0.2),
    ):
        pass
    assert is_free(tmp_path)


def test_a_run_waits_for_one_that_is_about_to_end(tmp_path):
    program = (
        "import sys, time; from pipeline.output.run_lock import run_lock\n"
        "with run_lock(sys.argv[1]): print('held', flush=True); time.sleep(0.5)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    other.stdout.readline()
    assert not is_free(tmp_path)
    with run_lock(str(tmp_path), seconds=30):
        assert other.wait() == 0


def test_the_folder_stays_locked_until_every_process_that_inherited_the_lock_has_died(tmp_path):
    with run_lock(str(tmp_path)) as lock:
        child = subprocess.Popen(["sleep", "600"], pass_fds=[lock.fileno()])
    try:
        assert not is_free(tmp_path)
    finally:
        child.kill()
        child.wait()
    assert is_free(tmp_path)
