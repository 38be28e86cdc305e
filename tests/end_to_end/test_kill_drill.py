"""Kills in every stage and at random moments: the runs that go on come to what an undisturbed one came to."""

import json
import os
import random
import time

import numpy as np
import pytest
import yaml

from tests.conftest import counterpoise
from tests.end_to_end.killed_runs import Killed, check_same, command_of

pytestmark = pytest.mark.slow

SIZES = {"good": 120, "scratch": 60, "crack": 30}
# After the last stage the results are copied to where people look for them.
PUBLISHING = "publishing"


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
                    found.append((name, command_of(name)))
        except OSError:
            continue
    return found
