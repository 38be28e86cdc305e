"""Kills in every stage and at random moments: the runs that go on come to what an undisturbed one came to."""

import json
import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest
import yaml

from tests.conftest import COUNTERPOISE, counterpoise, metrics_of

pytestmark = pytest.mark.slow

SIZES = {"good": 120, "scratch": 60, "crack": 30}
# After the last stage the results are copied to where people look for them.
PUBLISHING = "publishing"
_SECONDS_TO_COME_TO_IT = 900


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    numbers = np.random.default_rng(0)
    rows = ["width,weight,line,defect"]
    for place, (name, size) in enumerate(SIZES.items()):
        for _ in range(size):
            width, weight = numbers.normal((4 * place, 3), 1)
            rows.append(f"{width:.4f},{weight:.4f},{numbers.choice(['north', 'south'])},{name}")
    (folder / "parts.csv").write_text("\n".join(rows) + "\n")
    path = folder / "parts.yaml"
    settings = {
        "recipe": "none",
        "data": {"format": "csv", "path": "parts.csv", "label": "defect"},
        "model": {"tabular": {"hidden_units": [8]}, "embedding_units": 8},
        "loss": {"class_weights": "inverse"},
        "training": {
            "epochs": 8,
            "batch_size": 16,
            "patience": None,
            "optimizer": {"name": "adam", "learning_rate": 0.02},
        },
    }
    path.write_text(yaml.safe_dump(settings))
    return path


@pytest.fixture(scope="module")
def undisturbed(experiment, tmp_path_factory):
    output = tmp_path_factory.mktemp("undisturbed")
    done = counterpoise("run", experiment, "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    return output


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
        return [pid for pid in children if b"local_runner" in _command(pid)]


def _command(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as handle:
        return handle.read()


def begin(experiment, output, stage):
    """Starts a run and returns it at the moment a stage has begun to work."""
    run = Killed(experiment, output)
    if stage == PUBLISHING:
        run.wait_for("Stage HtmlReport: done.")
    elif stage in ("PreviousExamples", "LastBlessedModel"):
        run.wait_for(f"Stage {stage} begins.")
    else:
        run.wait_for(f"Stage {stage} begins.", "Going to run a new execution:")
    return run


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


def test_a_run_that_is_killed_in_every_stage_comes_to_the_same(experiment, undisturbed, tmp_path):
    stages = json.loads((undisturbed / "metrics.json").read_text())["seconds"]["stages"]
    output, missed = tmp_path / "killed", []
    for number, stage in enumerate([*stages, PUBLISHING]):
        run = begin(experiment, output, stage)
        assert stage == PUBLISHING or _processes_of(output)
        run.kill_worker() if number % 2 else run.kill_all()
        if f"Stage {stage}: done." in run.said():
            missed.append(stage)
    # The short ones may be over by the time that the signal arrives.
    assert len(missed) <= 4, missed
    done = counterpoise("run", experiment, "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    check_same(experiment, output, undisturbed, tmp_path)
    assert not _processes_of(output)


def test_a_run_that_is_killed_at_random_moments_comes_to_the_same(experiment, undisturbed, tmp_path):
    total = sum(json.loads((undisturbed / "metrics.json").read_text())["seconds"]["stages"].values())
    output, moments = tmp_path / "killed", random.Random(7)
    for _ in range(3):
        run = Killed(experiment, output)
        run.wait_for("Stage StratifiedExampleGen begins.")
        # What is done is not done again, so that a third of all lies before the end each time.
        time.sleep(moments.uniform(0, total / 3))
        run.kill_all()
    done = counterpoise("run", experiment, "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    check_same(experiment, output, undisturbed, tmp_path)


def _processes_of(output):
    """Returns the processes of runs into a folder, below which they and all that they start have temporary files."""
    found, temporary = [], f"TMPDIR={output}/".encode()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as handle:
                if any(one.startswith(temporary) for one in handle.read().split(b"\0")):
                    found.append((name, _command(name)))
        except OSError:
            continue
    return found
