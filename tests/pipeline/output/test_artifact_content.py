import os
import shutil

import pytest
from tfx.types import standard_artifacts

from pipeline.output.artifact_content import PROPERTY, describe_content, find_damage


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "shard").write_bytes(b"numbers" * 100)
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    artifact.set_string_custom_property(PROPERTY, describe_content(str(folder)))
    return artifact, folder


def shorten(folder):
    (folder / "variables" / "shard").write_bytes(b"numbers" * 99)


def alter(folder):
    (folder / "variables" / "shard").write_bytes(b"NUMBERS" * 100)


def empty(folder):
    for path in list(folder.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def remove_a_file(folder):
    (folder / "saved_model.pb").unlink()


def add_a_file(folder):
    (folder / "variables" / "shard-2").write_bytes(b"numbers")


def remove(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (shorten, "variables/shard has 693 bytes, where 700 were written"),
        (alter, "variables/shard was changed"),
        (empty, "saved_model.pb is gone"),
        (remove_a_file, "saved_model.pb is gone"),
        (add_a_file, "variables/shard-2 was added"),
        (remove, "model is gone"),
    ],
)
def test_a_damaged_artifact_is_told_by_its_file(model, harm, said):
    artifact, folder = model
    harm(folder)
    assert find_damage(artifact).endswith(said)


def test_an_artifact_that_is_as_it_was_written_is_whole(model):
    artifact, folder = model
    assert find_damage(artifact) is None
    # As a backup that is put back has it: the same bytes at another time.
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
    assert find_damage(artifact) is None


def test_a_file_that_was_not_touched_is_not_read_again(model, monkeypatch):
    artifact, _ = model
    monkeypatch.setattr("pipeline.output.artifact_content._digest", lambda path: pytest.fail("it was read"))
    assert find_damage(artifact) is None


def test_of_an_artifact_without_a_record_only_its_place_is_asked(tmp_path):
    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path / "examples")
    assert find_damage(artifact).endswith("examples is gone")
    (tmp_path / "examples").mkdir()
    assert find_damage(artifact) is None
