import errno
import sqlite3

import pytest

from pipeline.explain_failure import explain_failure
from pipeline.output.output_error import OutputError

NOT_FOR_PEOPLE = ("Traceback", "SELECT", "INSERT", "query", "Errno", "RuntimeError", "mysql")


@pytest.fixture
def output(tmp_path):
    folder = tmp_path / "the run"
    folder.mkdir()
    return folder


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        if cause is None:
            raise error
        try:
            raise cause
        except Exception as err:
            raise error from err
    except Exception as caught:
        return caught


def full(output):
    return OSError(errno.ENOSPC, "No space left on device", str(output / "artifacts" / "shard"))


def test_a_full_disk_is_told_with_the_file(output):
    said = explain_failure(raised(full(output)), str(output))
    assert said.startswith(f"The disk is full: {output / 'artifacts' / 'shard'} could not be written.")
    assert "Free space" in said and not any(word in said for word in NOT_FOR_PEOPLE)


@pytest.mark.parametrize(
    "message",
    [
        "{file}; No space left on device [Op:SaveV2]",
        "OSError: [Errno 28] No space left on device: '{file}' [while running 'Write']",
        "writing '{file}': Disk quota exceeded",
    ],
)
def test_a_full_disk_is_known_whoever_says_it(output, message):
    file = f"{output}/artifacts/Trainer/model/7/variables"
    said = explain_failure(raised(RuntimeError(message.format(file=file))), str(output))
    assert said.startswith(f"The disk is full: {file} could not be written.")


def test_the_first_fault_is_told_and_not_what_it_led_to(output):
    led_to = RuntimeError("Error when executing query: cannot publish")
    assert explain_failure(raised(led_to, full(output)), str(output)).startswith("The disk is full")


def test_a_folder_that_is_gone_is_told_before_all_that_it_led_to(tmp_path):
    gone = tmp_path / "gone"
    said = explain_failure(raised(RuntimeError("no such table: Type query: SELECT 1")), str(gone))
    assert said.startswith(f"{gone} was removed while the run was writing to it.")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            RuntimeError("Error when executing query: database is locked query: INSERT INTO"),
            "Another process",
        ),
        (sqlite3.OperationalError("attempt to write a readonly database"), "cannot be written"),
        (
            RuntimeError("Failed to establish connection to Metadata storage: file is not a database"),
            "damaged",
        ),
    ],
)
def test_a_store_that_fails_in_mid_run_is_told_without_sql(output, error, says):
    said = explain_failure(raised(error), str(output))
    assert str(output / "metadata.sqlite") in said and says in said
    assert not any(word in said for word in NOT_FOR_PEOPLE)


def test_a_store_that_was_replaced_in_mid_run_is_told_as_such(output):
    (output / "artifacts").mkdir()
    said = explain_failure(raised(RuntimeError("MetadataStore: execution 9 not found")), str(output))
    assert "was removed or replaced while the run was writing to it" in said


def test_a_damaged_store_is_told_as_such(output):
    (output / "metadata.sqlite").write_bytes(b"garbage" * 1000)
    said = explain_failure(raised(RuntimeError("Error when executing query: malformed")), str(output))
    assert f"{output / 'metadata.sqlite'}, the metadata store, is damaged" in said


def test_a_missing_file_of_the_run_is_made_again(output):
    missing = output / "artifacts" / "Transform" / "transform_graph" / "8"
    said = explain_failure(raised(FileNotFoundError(errno.ENOENT, "No such file", str(missing))), str(output))
    assert (
        said
        == f"{missing} is missing or was removed while the run was using it. The same command makes it again."
    )


def test_a_missing_file_of_the_data_is_to_be_put_back(output):
    said = explain_failure(
        raised(FileNotFoundError(errno.ENOENT, "No such file", "/data/a.csv")), str(output)
    )
    assert said.startswith("/data/a.csv is missing") and "Put it back" in said


def test_a_file_that_cannot_be_written_is_named(output):
    error = PermissionError(errno.EACCES, "Permission denied", str(output / "splits.csv"))
    assert explain_failure(raised(error), str(output)).startswith(
        f"{output / 'splits.csv'} cannot be written."
    )


def test_a_sentence_is_passed_on(output):
    said = OutputError("a stage was to write where something lies")
    assert explain_failure(raised(RuntimeError("while publishing"), said), str(output)) == str(said)


def test_any_other_fault_is_told_by_its_name(output):
    assert explain_failure(raised(ValueError("no such loss")), str(output)) == "ValueError: no such loss"


def test_the_traceback_of_a_worker_stays_in_the_log(output):
    message = (
        'Traceback (most recent call last):\n  File "worker.py", line 3, in run\n    go()\n'
        "ZeroDivisionError: division by zero\n"
    )
    assert (
        explain_failure(raised(RuntimeError(message)), str(output)) == "ZeroDivisionError: division by zero"
    )
