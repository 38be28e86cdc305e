import pytest
from ml_metadata.proto import metadata_store_pb2

from models.serving import pusher
from pipeline.output.output_error import OutputError
from pipeline.output.publish_results import publish_table, restore_push


def test_a_table_is_copied_over_that_of_an_earlier_run(tmp_path):
    stage, output = tmp_path / "stage", tmp_path / "output"
    stage.mkdir(), output.mkdir()
    (stage / "tuning.csv").write_text("new")
    (output / "tuning.csv").write_text("of an earlier run")
    assert publish_table("tuning.csv", [str(stage)], str(output)) == str(output / "tuning.csv")
    assert (output / "tuning.csv").read_text() == "new"


def test_a_table_that_this_run_did_not_make_is_not_left_behind(tmp_path):
    (tmp_path / "tuning.csv").write_text("of an earlier run")
    assert publish_table("tuning.csv", [], str(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []
    empty = tmp_path / "stage"
    empty.mkdir()
    assert publish_table("tuning.csv", [str(empty)], str(tmp_path)) is None


@pytest.fixture
def pushed(tmp_path):
    """A push as the store has it, and the place it went to."""
    kept, place = tmp_path / "PushedModel", tmp_path / "serving" / "4"
    kept.mkdir()
    (kept / "saved_model.pb").write_text("first")
    artifact = metadata_store_pb2.Artifact(uri=str(kept))
    artifact.custom_properties["pushed"].int_value = 1
    artifact.custom_properties["pushed_destination"].string_value = str(place)
    return artifact, place


def test_a_push_from_cache_whose_version_is_gone_is_put_back(pushed):
    artifact, place = pushed
    assert restore_push(artifact) == str(place)
    assert (place / "saved_model.pb").read_text() == "first"
    assert restore_push(artifact) == str(place)
    assert [path.name for path in place.parent.iterdir()] == ["4"]


def test_a_version_is_put_back_whole_or_not_at_all(pushed, monkeypatch):
    artifact, place = pushed

    def kill(*names):
        raise KeyboardInterrupt

    monkeypatch.setattr(pusher.fileio, "rename", kill)
    with pytest.raises(KeyboardInterrupt):
        restore_push(artifact)
    assert not place.exists()


def test_another_model_in_the_place_of_a_push_is_not_taken_for_it(pushed):
    artifact, place = pushed
    place.mkdir(parents=True)
    (place / "saved_model.pb").write_text("other")
    with pytest.raises(OutputError, match="is no longer the model that was pushed there"):
        restore_push(artifact)
    assert (place / "saved_model.pb").read_text() == "other"
