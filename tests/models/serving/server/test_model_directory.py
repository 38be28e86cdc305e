"""Where the model is found, and what it is called."""

import json

import pytest

from models.serving.server.model_directory import (
    ModelDirectory,
    NothingToServe,
    find_model_directory,
    version_folder,
    versions_in,
)


def put_version(folder, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "saved_model.pb").touch()


@pytest.fixture
def run(tmp_path):
    run = tmp_path / "the run"
    put_version(run / "serving", "1")
    (run / "metrics.json").write_text(json.dumps({"name": "parts"}))
    return run


def test_a_run_and_its_serving_folder_are_the_same_place(run):
    expected = ModelDirectory(str(run / "serving"), "parts")
    assert find_model_directory(str(run)) == find_model_directory(str(run / "serving")) == expected


def test_another_name_can_be_given(run):
    assert find_model_directory(str(run), "others").name == "others"


def test_without_metrics_the_folder_gives_the_name(run, tmp_path):
    (run / "metrics.json").unlink()
    assert find_model_directory(str(run)).name == "the run"
    put_version(tmp_path / "flowers", "1")
    assert find_model_directory(str(tmp_path / "flowers")).name == "flowers"


def test_versions_are_folders_named_by_numbers_with_a_graph(tmp_path):
    for name in ("2", "10", "0003", ".copying-4", "five", "²"):
        put_version(tmp_path, name)
    (tmp_path / "6").mkdir()
    assert versions_in(str(tmp_path)) == [2, 3, 10]
    assert version_folder(str(tmp_path), 3) == str(tmp_path / "0003")


def test_what_holds_no_model_is_refused_with_the_way_out(run, tmp_path):
    with pytest.raises(NothingToServe, match="is not a folder"):
        find_model_directory(str(tmp_path / "nowhere"))
    with pytest.raises(NothingToServe, match=r"Name the folder it is in: .*serving"):
        find_model_directory(str(run / "serving" / "1"))
    with pytest.raises(NothingToServe, match="holds no version"):
        find_model_directory(str(tmp_path))
    with pytest.raises(NothingToServe, match="--name"):
        find_model_directory(str(run), "a/b")
    (run / "serving").rename(tmp_path / "elsewhere")
    with pytest.raises(NothingToServe, match="has pushed no model"):
        find_model_directory(str(run))
