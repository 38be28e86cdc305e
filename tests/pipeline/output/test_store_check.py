import sqlite3

import pytest

from pipeline.output.output_error import OutputError
from pipeline.output.store_check import KnownExecution, read_executions
from pipeline.output.store_connection import check_store_opens
from tests.pipeline.conftest import STATES, connection_to

# Words of a database, which nobody who runs an experiment has asked for.
SQL = ("SELECT", "CREATE", "query", "sqlite3", "disk image", "Traceback")


def refusal(path) -> str:
    with pytest.raises(OutputError) as caught:
        read_executions(str(path))
    said = str(caught.value)
    assert str(path) in said
    assert not any(word in said for word in SQL)
    return said


def test_a_store_tells_which_executions_are_finished(tmp_path, record):
    states = [STATES.COMPLETE, STATES.CACHED, STATES.RUNNING, STATES.FAILED, STATES.CANCELED, STATES.NEW]
    numbers = [record("Trainer", state) for state in states]
    known = read_executions(str(tmp_path / "metadata.sqlite"))
    assert known == {number: KnownExecution("Trainer", place < 2) for place, number in enumerate(numbers)}


@pytest.mark.parametrize("content", [None, b""])
def test_a_store_that_is_not_there_yet_knows_nothing(tmp_path, content):
    path = tmp_path / "metadata.sqlite"
    if content is not None:
        path.write_bytes(content)
    assert read_executions(str(path)) == {}


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"\0" * 9000, b"x"])
def test_garbage_is_no_store(tmp_path, content):
    path = tmp_path / "metadata.sqlite"
    path.write_bytes(content)
    assert "is damaged" in refusal(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_store_that_was_cut_short_is_damaged(tmp_path, record, share):
    record("Trainer", times=50)
    path = tmp_path / "metadata.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "is damaged" in refusal(path)


def test_a_store_that_was_overwritten_in_the_middle_is_damaged(tmp_path, record):
    record("Trainer", times=50)
    path = tmp_path / "metadata.sqlite"
    whole = bytearray(path.read_bytes())
    whole[4096:-4096] = b"\xff" * (len(whole) - 8192)
    path.write_bytes(bytes(whole))
    assert "is damaged" in refusal(path)


def test_a_database_of_something_else_is_no_store(tmp_path):
    path = tmp_path / "metadata.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    assert "is damaged" in refusal(path)


def test_a_folder_is_no_store(tmp_path):
    (tmp_path / "metadata.sqlite").mkdir()
    assert "is no file" in refusal(tmp_path / "metadata.sqlite")


def test_a_store_that_another_process_writes_to_is_waited_for_and_then_refused(tmp_path, record, monkeypatch):
    monkeypatch.setattr("pipeline.output.store_check._SECONDS_FOR_LOCK", 0.1)
    record("Trainer")
    path = tmp_path / "metadata.sqlite"
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    assert "Another process holds" in refusal(path)
    other.close()


@pytest.mark.parametrize("version", [1, 99])
def test_a_store_of_another_version_is_told_as_such(tmp_path, record, version):
    record("Trainer")
    path = tmp_path / "metadata.sqlite"
    with sqlite3.connect(path) as store:
        store.execute("UPDATE MLMDEnv SET schema_version = ?", [version])
    store.close()
    with pytest.raises(OutputError, match="another version of ml-metadata") as caught:
        check_store_opens(connection_to(path))
    assert str(path) in str(caught.value)


def test_looking_into_a_store_does_not_change_it(tmp_path, record):
    record("Trainer")
    path = tmp_path / "metadata.sqlite"
    before = path.read_bytes()
    read_executions(str(path))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["metadata.sqlite"]
