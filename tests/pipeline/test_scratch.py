import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.reaper import MARK
from pipeline.scratch import scratch_folder


def test_temporary_files_lie_in_the_folder_and_go_with_it(tmp_path):
    before = tempfile.gettempdir(), os.environ.get("TMPDIR"), os.environ.get(MARK)
    with scratch_folder(str(tmp_path)) as folder:
        assert Path(folder).parent == tmp_path
        made = Path(tempfile.mkdtemp())
        assert made.parent == Path(folder) == Path(os.environ["TMPDIR"])
    assert list(tmp_path.iterdir()) == []
    assert (tempfile.gettempdir(), os.environ.get("TMPDIR"), os.environ.get(MARK)) == before


def test_what_is_still_running_ends_with_the_block(tmp_path):
    with pytest.raises(ValueError), scratch_folder(str(tmp_path)):
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        raise ValueError
    assert left.wait(20) < 0


def test_a_killed_process_leaves_no_folder(tmp_path):
    program = (
        "import sys, time\nfrom pipeline.scratch import scratch_folder\n"
        "with scratch_folder(sys.argv[1]) as folder:\n    print(folder, flush=True)\n    time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True)
    folder = Path(process.stdout.readline().strip())
    assert folder.is_dir()
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []
