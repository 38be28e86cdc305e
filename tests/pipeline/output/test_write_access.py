"""Places where results can be written, and those where they cannot."""

import errno
import os
from typing import IO

import pytest

from core.errors import InputError
from pipeline.output import write_access
from pipeline.output.write_access import check_output_file, check_output_folder, make_output_folder

# Nobody can make a file there, not even root.
UNWRITABLE = "/proc"


def refused(check, path, *option):
    with pytest.raises(InputError) as caught:
        check(str(path), *option)
    assert len(str(caught.value)) < 1_500
    return str(caught.value)


def test_a_new_folder_is_fine_and_is_not_made_by_the_check(tmp_path):
    folder = tmp_path / "a" / "b"
    check_output_folder(str(folder))
    assert not list(tmp_path.iterdir())
    make_output_folder(str(folder))
    check_output_folder(str(folder))
    assert not list(folder.iterdir())


def test_what_a_run_left_is_fine_and_is_not_touched(tmp_path):
    for name in (".lock", "run.log", "metrics.json", "metadata.sqlite"):
        (tmp_path / name).write_text(name)
    for name in ("artifacts", "serving"):
        (tmp_path / name).mkdir()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    check_output_folder(str(tmp_path))
    assert {
        path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()
    }.items() <= before.items()


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for path in (
        tmp_path / "file",
        tmp_path / "file" / "below",
        "/dev/null",
        "/dev/null/x",
        tmp_path / "link",
    ):
        message = refused(check_output_folder, path)
        assert message.startswith(f"--output {path}: ") and "is no folder. Name another." in message


def test_a_folder_that_takes_no_files_is_refused(tmp_path):
    assert "/proc cannot be written to" in refused(check_output_folder, f"{UNWRITABLE}/run")
    assert "/proc cannot be written to" in refused(check_output_file, f"{UNWRITABLE}/x.csv", "-o")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_and_file_are_refused(tmp_path):
    (tmp_path / "run.log").touch(0o400)
    assert "run.log cannot be written to: Permission denied" in refused(check_output_folder, tmp_path)
    tmp_path.chmod(0o500)
    assert "cannot be written to: Permission denied" in refused(check_output_folder, tmp_path / "new")


def test_a_full_disk_is_refused(tmp_path, monkeypatch):
    def on_full_disk(dir: str) -> IO[bytes]:
        return open("/dev/full", "wb")

    monkeypatch.setattr(write_access.tempfile, "TemporaryFile", on_full_disk)
    for check in (
        lambda: check_output_folder(str(tmp_path)),
        lambda: check_output_file(str(tmp_path / "x"), "-o"),
    ):
        with pytest.raises(InputError, match=os.strerror(errno.ENOSPC)):
            check()


@pytest.mark.parametrize(
    "name", [".lock", "run.log", "metadata.sqlite", "metrics.json", "predictions.csv", "report.html"]
)
def test_a_folder_or_pipe_in_the_place_of_a_runs_file_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    assert f"{name} is a folder. Remove it" in refused(check_output_folder, tmp_path)
    (tmp_path / name).rmdir()
    os.mkfifo(tmp_path / name)
    assert f"{name} is no regular file. Remove it" in refused(check_output_folder, tmp_path)


@pytest.mark.parametrize("name", ["artifacts", "serving", "tuning"])
def test_a_file_in_the_place_of_a_runs_folder_is_refused(tmp_path, name):
    (tmp_path / name).touch()
    assert f"{name} is no folder. Remove it" in refused(check_output_folder, tmp_path)


def test_names_that_are_too_long_are_refused(tmp_path):
    assert "at most" in refused(check_output_folder, tmp_path / "/".join(["x" * 100] * 50))
    with pytest.raises(InputError, match="cannot be made: File name too long"):
        make_output_folder(str(tmp_path / ("x" * 300)))
    assert "File name too long" in refused(check_output_file, tmp_path / ("x" * 300), "-o")
    refused(check_output_file, tmp_path / ("x/" * 3_000), "-o")


def test_an_output_file_is_new_or_a_regular_one(tmp_path):
    check_output_file(str(tmp_path / "new.csv"), "-o")
    (tmp_path / "old.csv").write_text("old")
    check_output_file(str(tmp_path / "old.csv"), "-o")
    assert (tmp_path / "old.csv").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
    os.mkfifo(tmp_path / "pipe")
    for path, part in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is no regular file"),
        ("/dev/null", "is no regular file"),
        (tmp_path / "no" / "x.csv", "does not exist"),
        (tmp_path / "old.csv" / "x.csv", "is no folder"),
        (f"{tmp_path}/new/", "names no file"),
        ("", "names no file"),
    ):
        assert part in refused(check_output_file, path, "--json")
