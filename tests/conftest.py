"""Tiny data with a rare class, and the command run on them as a person would run it."""

import fcntl
import gc
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import yaml
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from PIL import Image
from typer.testing import CliRunner

from pipeline.cli import app
from tests.terminal import lines_of_libraries

# A deadline would make a test's outcome depend on what else the machine is doing. In continuous integration the same
# code is judged by the same examples; everywhere else new ones are looked for.
hypothesis.settings.register_profile("unhurried", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Has byte code kept in pytest's cache folder where Python is told to leave none beside the sources.

    Every process that a test starts would compile TensorFlow anew, which takes longer than what most of them do.
    """
    cache = getattr(config, "cache", None)
    if "PYTHONDONTWRITEBYTECODE" in os.environ and cache is not None:
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache.mkdir("bytecode"))
        sys.dont_write_bytecode = False


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leaves out of all collections what imports have made, half a million objects, and has fewer of them."""
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Gives the libraries one thread in each worker, of which there is one for each core."""
    # Threads that wait for a core in a spinning loop take it from the other worker.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(name, "1")


COUNTERPOISE = Path(sys.executable).parent / "counterpoise"
CLASS_SIZES = {"good": 90, "scratch": 40, "crack": 12}
REPEATS = 4
# What cannot be used, at the end of the table: row after row as they are to be left out, and why.
BAD_ROWS = {
    "too many cells": ["b;images/good1.png;1.0;1.0;north;good;one more"] * 3,
    "no label": [f"b;images/good1.png;1.0;1.0;north;{label}" for label in ("", "NA", "?", " ")],
    "a number that is none": ["b;images/good1.png;1.0;wide;north;crack"] * 2,
}
NO_NUMBER = ("", "None", "inf")


def write_parts(folder: Path) -> Path:
    """Writes a table of parts with a picture, numbers and a category each; returns the experiment file.

    It is a table as people have them: with repeats, cells that hold no number, and rows that cannot be used.
    """
    random = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    rows = ["id;picture;width;weight;line;defect"]
    for place, (name, size) in enumerate(CLASS_SIZES.items()):
        for number in range(size):
            pixels = random.normal(60 + 70 * place, 20, (12, 12, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / f"{name}{number}.png")
            width = NO_NUMBER[number % 3] if number % 10 == 0 else f"{random.normal(place, 1):.3f}"
            line = random.choice(["north", "south"])
            rows.append(
                f"{len(rows)};images/{name}{number}.png;{width};{random.normal(3, 1):.3f};{line};{name}"
            )
    for number in range(1, 1 + REPEATS):
        rows[10 + number] = f"r{number};{rows[number].partition(';')[2]}"
    rows += [row for bad in BAD_ROWS.values() for row in bad]
    (folder / "parts.csv").write_text("\n".join(rows) + "\n")
    experiment = {
        "recipe": "none",
        "data": {
            **{"format": "csv", "path": "parts.csv", "label": "defect", "image": "picture"},
            **{"drop": ["id"], "numeric": ["width", "weight"], "on_bad_record": "skip"},
        },
        "model": {"image": {"size": [16, 16]}, "tabular": {"hidden_units": [16]}, "embedding_units": 16},
        "loss": {"class_weights": "inverse"},
        "training": {"epochs": 6, "batch_size": 16, "patience": None},
    }
    path = folder / "parts.yaml"
    path.write_text(yaml.safe_dump(experiment))
    return path


def counterpoise(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own; whatever it is to do, no library may speak up on the terminal."""
    command = [COUNTERPOISE, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert lines_of_libraries(done.stdout + done.stderr) == [], command
    return done


def counterpoise_here(*words: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command in this process, for tests of what it says and not of how it starts."""
    done = CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def metrics_of(output: Path) -> dict[str, Any]:
    """Reads metrics.json without what differs from run to run, the seconds."""
    metrics = json.loads((output / "metrics.json").read_text())
    del metrics["seconds"]
    return metrics


def states_of_last_run(output: Path) -> dict[str, str]:
    """Returns every stage's state in the last run, as the metadata store has it."""
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(output / "metadata.sqlite")
    store = metadata_store.MetadataStore(connection)
    run = max(store.get_contexts_by_type("pipeline_run"), key=lambda context: context.name)
    states = {}
    for execution in store.get_executions_by_context(run.id):
        stage = execution.type.rpartition(".")[2]
        states[stage] = metadata_store_pb2.Execution.State.Name(execution.last_known_state)
    return states


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[], Any]], Any]:
    """The function that has one test worker make what the others then read; it must be fit for pickle."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def get(name: str, make: Callable[[], Any]) -> Any:
        kept = folder / f"{name}.pickle"
        with open(folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(make()))
        return pickle.loads(kept.read_bytes())

    return get


@pytest.fixture(scope="session")
def parts(made_once, tmp_path_factory) -> Path:
    """The experiment file of the parts."""
    return made_once("parts", lambda: write_parts(tmp_path_factory.mktemp("parts")))


@pytest.fixture(scope="session")
def finished_run(parts, made_once, tmp_path_factory) -> Path:
    """The output folder of an undisturbed run; beside it lies `terminal.txt`, what it said."""

    def run() -> Path:
        output = tmp_path_factory.mktemp("runs") / "parts"
        done = counterpoise("run", parts, "--output", output)
        assert done.returncode == 0, done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]
        assert done.stderr == ""
        (output.parent / "terminal.txt").write_text(done.stdout)
        return output

    return made_once("finished_run", run)
