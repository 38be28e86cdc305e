"""What the command says of an output folder that it cannot go on from; none of it comes as far as TensorFlow."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from tests.conftest import COUNTERPOISE, counterpoise, counterpoise_here

# Words of a database and of a program, which nobody who runs an experiment has asked for.
NOT_FOR_PEOPLE = ("SELECT", "CREATE", "query", "sqlite3.", "Traceback", "Errno")


def make_store(output):
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(output / "metadata.sqlite")
    connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = metadata_store.MetadataStore(connection)
    kind = store.put_execution_type(metadata_store_pb2.ExecutionType(name="components.Trainer"))
    store.put_executions([metadata_store_pb2.Execution(type_id=kind)])


def garbage(output):
    (output / "metadata.sqlite").write_bytes(b"garbage" * 1000)
    return "metadata.sqlite"


def cut_short(output):
    make_store(output)
    path = output / "metadata.sqlite"
    path.write_bytes(path.read_bytes()[:10_000])
    return "metadata.sqlite"


def lost(output):
    shard = output / "artifacts" / "StratifiedExampleGen" / "examples" / "1" / "Split-train" / "data-0"
    shard.parent.mkdir(parents=True)
    shard.write_text("records of then")
    return "artifacts/StratifiedExampleGen/examples/1"


@pytest.mark.parametrize("harm", [garbage, cut_short, lost])
def test_an_output_folder_that_cannot_be_gone_on_from_is_one_sentence(parts, tmp_path, harm):
    named = harm(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = counterpoise_here("run", parts, "--output", tmp_path)
    assert done.returncode == 1
    # One line, in which a path can be copied whole.
    [said] = done.stdout.splitlines()
    assert said.startswith("Failed: ") and f"{tmp_path / named}" in said and "the same command" in said
    assert not any(word in done.stdout + done.stderr for word in NOT_FOR_PEOPLE)
    assert {path: path.read_bytes() for path in before} == before


def test_a_store_that_another_process_holds_is_one_sentence(parts, tmp_path):
    make_store(tmp_path)
    other = sqlite3.connect(tmp_path / "metadata.sqlite")
    other.execute("BEGIN EXCLUSIVE")
    done = counterpoise("run", parts, "--output", tmp_path)
    other.close()
    assert done.returncode == 1
    assert "Another process holds" in done.stdout
    assert not any(word in done.stdout + done.stderr for word in NOT_FOR_PEOPLE)


@pytest.fixture
def begun(parts, tmp_path):
    """A run that has just begun, in a folder of its own."""
    output = tmp_path / "run"
    process = subprocess.Popen(
        [COUNTERPOISE, "run", parts, "--output", output],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # The working process, and the one that waits to clean up behind it.
    assert wait_for(lambda: len(children(process)) == 2)
    yield output, process
    process.kill()
    process.wait()


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as handle:
        return [int(pid) for pid in handle.read().split()]


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("taken", ["removed", "moved away"])
def test_an_output_folder_that_is_taken_away_ends_the_run_in_one_sentence(begun, taken):
    output, process = begun
    if taken == "removed":
        shutil.rmtree(output)
    else:
        output.rename(output.with_name("elsewhere"))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was removed, moved away or replaced while the run was writing" in said
    assert not any(word in said for word in NOT_FOR_PEOPLE)
    # It is not made anew.
    assert not output.exists()


@pytest.mark.parametrize("killed", ["the command", "its group"])
def test_a_killed_run_leaves_no_process_and_no_temporary_file(begun, killed):
    output, process = begun
    started = children(process)
    if killed == "the command":
        process.kill()
    else:
        os.killpg(min(started), signal.SIGKILL)
    process.wait()
    assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in started))
    assert not (output / ".tmp").exists()
