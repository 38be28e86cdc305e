"""Runs that are killed on the way, and what they are compared by."""

import json
import os
import signal
import subprocess
import time

from tests.conftest import COUNTERPOISE, counterpoise, metrics_of

_SECONDS_TO_COME_TO_IT = 900


class Killed:
    """A run in an output folder that is killed at some moment; what it says is found from where it began."""

    def __init__(self, experiment, output):
        self._log = output / "run.log"
        self._start = self._log.stat().st_size if self._log.exists() else 0
        self.process = subprocess.Popen(
            [COUNTERPOISE, "run", experiment, "--output", output], stdout=subprocess.DEVNULL
        )

    def said(self):
        if not self._log.exists():
            return ""
        with open(self._log, "rb") as log:
            log.seek(self._start)
            return log.read().decode(errors="replace")

    def wait_for(self, *sentences):
        """Waits until the log holds the sentences, one after the other; returns what follows the last."""
        deadline = time.monotonic() + _SECONDS_TO_COME_TO_IT
        while True:
            is_over = self.process.poll() is not None
            rest = self.said()
            for sentence in sentences:
                _, found, rest = rest.partition(sentence)
                if not found:
                    break
            else:
                return rest
            assert time.monotonic() < deadline, f"{sentence} was not logged"
            assert not is_over, self.said()[-3000:]
            time.sleep(0.02)

    def kill_all(self):
        """Kills the command alone; what it has started is to follow."""
        self.process.kill()
        self.process.wait()

    def kill_worker(self):
        """Kills what does the work, and all in its group; the command has to say so.

        What publishes may have just ended by itself, and then all is well.
        """
        for pid in self._children():
            os.killpg(pid, signal.SIGKILL)
        status = self.process.wait(60)
        assert status == 1 or (status == 0 and "Stage HtmlReport: done." in self.said())

    def _children(self):
        if self.process.poll() is not None:
            return []
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as handle:
            children = [int(pid) for pid in handle.read().split()]
        # The other one waits to clean up behind it.
        return [pid for pid in children if b"local_runner" in command_of(pid)]


def check_same(experiment, output, undisturbed, tmp_path):
    """Compares all that a run is for with that of the undisturbed one."""
    assert (output / "splits.csv").read_bytes() == (undisturbed / "splits.csv").read_bytes()
    versions = [path.name for path in (output / "serving").iterdir()]
    assert versions == ["1"]
    answers = []
    for number, folder in enumerate((output, undisturbed)):
        table = tmp_path / f"{number}.csv"
        done = counterpoise("predict", folder, experiment.parent / "parts.csv", "-o", table)
        assert done.returncode == 0, done.stderr
        answers.append(table.read_bytes())
    assert answers[0] == answers[1]
    left = {path.name for path in output.iterdir()} - {path.name for path in undisturbed.iterdir()}
    assert not left
    texts = [json.dumps(metrics_of(folder), indent=1) for folder in (output, undisturbed)]
    assert texts[0] == texts[1]


def command_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as handle:
        return handle.read()
