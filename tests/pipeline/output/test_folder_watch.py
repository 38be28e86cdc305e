import shutil
import threading

import pytest

from pipeline.output.folder_watch import FolderWatch, explain_loss


@pytest.fixture
def watched(tmp_path):
    output = tmp_path / "run"
    (output / "artifacts").mkdir(parents=True)
    (output / ".lock").touch()
    (output / "metadata.sqlite").touch()
    return output


def remove_all(output):
    shutil.rmtree(output)


def move_away(output):
    output.rename(output.with_name("elsewhere"))


def make_anew(output):
    shutil.rmtree(output)
    # A path again, but not the folder that was there.
    output.with_name("taken").mkdir()
    output.mkdir()


def remove_the_store(output):
    (output / "metadata.sqlite").unlink()


def replace_the_store(output):
    other = output / "other"
    other.write_text("another")
    other.rename(output / "metadata.sqlite")


def remove_the_artifacts(output):
    shutil.rmtree(output / "artifacts")


@pytest.mark.parametrize(
    ("harm", "lost"),
    [
        (remove_all, ""),
        (move_away, ""),
        (make_anew, ""),
        (remove_the_store, "metadata.sqlite"),
        (replace_the_store, "metadata.sqlite"),
        (remove_the_artifacts, "artifacts"),
    ],
)
def test_a_folder_that_is_taken_away_is_noticed_while_the_run_goes_on(watched, harm, lost):
    told = threading.Event()
    with open(watched / ".lock") as lock, FolderWatch(str(watched), lock, told.set, seconds=0.01) as watch:
        harm(watched)
        assert told.wait(10)
    assert watch.lost == str(watched / lost).rstrip("/")
    assert watch.lost in explain_loss(watch.lost)


def test_what_the_run_makes_and_writes_is_no_loss(tmp_path):
    told = threading.Event()
    with (
        open(tmp_path / ".lock", "w") as lock,
        FolderWatch(str(tmp_path), lock, told.set, seconds=0.01) as watch,
    ):
        (tmp_path / "metadata.sqlite").write_text("made")
        assert watch.check()
        (tmp_path / "artifacts").mkdir()
        (tmp_path / "metadata.sqlite").write_text("written to again")
        (tmp_path / "metrics.json").write_text("{}")
        (tmp_path / "metrics.json").unlink()
        assert watch.check() and not told.is_set()
    assert watch.lost is None


def test_a_folder_that_is_gone_before_the_first_look_is_noticed(watched):
    with open(watched / ".lock") as lock:
        shutil.rmtree(watched)
        assert not FolderWatch(str(watched), lock, lambda: None).check()
