import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.output.scratch_folder import scratch_folder
from pipeline.reaper import MARK


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
        "import sys, time\nfrom pipeline.output.scratch_folder import scratch_folder\n"
        "with scratch_folder(sys.argv[1]) as folder:\n    print(folder, flush=True)\n    time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True)
    folder = Path(process.stdout.readline().strip())
    assert folder.is_dir()
    process.kill()
    process.wait()
    assert wait_for(lambda: not list(tmp_path.iterdir()), 20)


# Beam's own worker, a process that a shell starts; the step says that it runs and then takes its time.
WITH_WORKER = """
import sys
import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from pipeline.output.scratch_folder import scratch_folder

if __name__ == "__main__":
    place = sys.argv[1]
    def work_there(element, place=place):
        import os, time
        open(os.path.join(place, f"begun-{os.getpid()}"), "w").close()
        time.sleep(600)
    options = PipelineOptions(["--direct_running_mode=multi_processing", "--direct_num_workers=1"])
    with scratch_folder(place), beam.Pipeline(options=options) as pipeline:
        pipeline | beam.Create([1]) | beam.Map(work_there)
"""


def test_a_worker_of_beam_ends_with_a_killed_process(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(WITH_WORKER)
    process = subprocess.Popen([sys.executable, program, tmp_path], stderr=subprocess.DEVNULL)
    begun = wait_for(lambda: [int(path.name.partition("-")[2]) for path in tmp_path.glob("begun-*")], 300)
    assert begun and process.pid not in begun
    process.kill()
    process.wait()
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in begun), 20)
    assert wait_for(lambda: not list(tmp_path.glob(".counterpoise-*")), 20)


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
