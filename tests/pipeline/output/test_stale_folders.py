import shutil

import pytest

from pipeline.output.output_error import OutputError
from pipeline.output.stale_folders import remove_leftovers, require_empty
from tests.pipeline.conftest import STATES


def refusal(output) -> str:
    files = sorted(output.rglob("*"))
    with pytest.raises(OutputError) as caught:
        remove_leftovers(str(output))
    # Who is told to look had better find all there is.
    assert sorted(output.rglob("*")) == files
    return str(caught.value)


def test_a_new_folder_is_as_it_should_be(tmp_path):
    assert remove_leftovers(str(tmp_path)) == []


def test_what_finished_executions_wrote_stays(tmp_path, record, shard):
    folders = [shard(stage, "output", record(stage)) for stage in ("Trainer", "Pusher", "Trainer")]
    assert remove_leftovers(str(tmp_path)) == []
    assert all((folder / "Split-train" / "data-00000").exists() for folder in folders)


@pytest.mark.parametrize(
    "state", [STATES.RUNNING, STATES.FAILED, STATES.NEW, STATES.CANCELED, STATES.UNKNOWN]
)
def test_what_an_unfinished_execution_left_is_removed_and_named(tmp_path, record, shard, state):
    kept = shard("Transform", "transformed_examples", record("Transform"))
    left = shard("Trainer", "model", record("Trainer", state))
    assert remove_leftovers(str(tmp_path)) == [str(left)]
    assert kept.exists() and not left.exists()


def test_output_without_its_store_stops_the_run(tmp_path, shard):
    first = shard("StratifiedExampleGen", "examples", 1)
    shard("Trainer", "model", 9)
    said = refusal(tmp_path)
    assert f"{first} (and 1 more) was written by a run" in said
    assert f"move {tmp_path / 'metadata.sqlite'} and {tmp_path / 'artifacts'} away" in said


def test_an_emptied_store_is_as_good_as_none(tmp_path, shard):
    (tmp_path / "metadata.sqlite").touch()
    shard("StratifiedExampleGen", "examples", 1)
    assert "it knows of no run" in refusal(tmp_path)


def test_an_older_copy_of_the_store_stops_the_run(tmp_path, record, shard):
    shard("Trainer", "model", record("Trainer"))
    shutil.copy(tmp_path / "metadata.sqlite", tmp_path / "older")
    later = shard("Trainer", "model", record("Trainer"))
    shutil.move(tmp_path / "older", tmp_path / "metadata.sqlite")
    said = refusal(tmp_path)
    assert str(later) in said and "knows executions up to 1" in said


def test_the_store_of_another_folder_stops_the_run(tmp_path, record, shard):
    folder = shard("Trainer", "model", record("Pusher"))
    assert str(folder) in refusal(tmp_path)


def test_searches_stay_as_they_are_known_by_their_data(tmp_path):
    search = tmp_path / "tuning" / "0123456789abcdef"
    search.mkdir(parents=True)
    (search / "oracle.json").write_text("{}")
    assert remove_leftovers(str(tmp_path)) == []
    assert (search / "oracle.json").exists()


def test_folders_that_a_run_made_and_did_not_fill_are_nothing(tmp_path):
    (tmp_path / "artifacts" / "Trainer" / "model" / "7").mkdir(parents=True)
    assert remove_leftovers(str(tmp_path)) == []


def test_what_somebody_else_put_there_stays(tmp_path, record, shard):
    shard("Trainer", "model", record("Trainer"))
    notes = tmp_path / "artifacts" / "Trainer" / "model" / "notes.txt"
    notes.write_text("kept")
    assert remove_leftovers(str(tmp_path)) == []
    assert notes.exists()


def test_working_folders_of_killed_stages_are_removed(tmp_path):
    system = tmp_path / "artifacts" / "Transform" / ".system"
    working = system / "stateful_working_dir" / "0f"
    temporary = system / "executor_execution" / "4" / ".temp"
    for folder in (working, temporary):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    remove_leftovers(str(tmp_path))
    assert not working.exists() and not temporary.exists() and temporary.parent.exists()


def test_half_a_push_is_removed_and_versions_stay(tmp_path):
    for name in ("1", ".copying-2"):
        (tmp_path / "serving" / name).mkdir(parents=True)
        (tmp_path / "serving" / name / "saved_model.pb").touch()
    assert remove_leftovers(str(tmp_path)) == [str(tmp_path / "serving" / ".copying-2")]
    assert [one.name for one in (tmp_path / "serving").iterdir()] == ["1"]


def test_a_stage_does_not_begin_where_something_lies(tmp_path, shard):
    folder = shard("StratifiedExampleGen", "examples", 1)
    with pytest.raises(OutputError, match=r"StratifiedExampleGen was to write to .*, which is not empty"):
        require_empty("StratifiedExampleGen", str(folder))
    assert (folder / "Split-train" / "data-00000").exists()
    require_empty(
        "StratifiedExampleGen", str(tmp_path / "artifacts" / "StratifiedExampleGen" / "examples" / "2")
    )
