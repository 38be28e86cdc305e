from pathlib import Path

import pytest
from tfx.proto import pusher_pb2
from tfx.types import channel_utils, standard_artifacts

from models.serving.pusher import Executor, Pusher, next_version


@pytest.fixture
def serving(tmp_path) -> Path:
    return tmp_path / "serving"


@pytest.fixture
def push(tmp_path, serving):
    """Pushes a model of the given content and returns the PushedModel artifact."""
    runs = []

    def run(content: str, blessed: bool | None = True):
        folder = tmp_path / f"run {len(runs)}"
        runs.append(folder)
        model, blessing = standard_artifacts.Model(), standard_artifacts.ModelBlessing()
        pushed = standard_artifacts.PushedModel()
        model.uri, blessing.uri, pushed.uri = (str(folder / name) for name in ("model", "blessing", "pushed"))
        saved = folder / "model" / "Format-Serving"
        (saved / "variables").mkdir(parents=True)
        (saved / "saved_model.pb").write_text(content)
        (saved / "variables" / "variables.index").write_text(f"index of {content}")
        inputs = {"model": [model]}
        if blessed is not None:
            blessing.set_int_custom_property("blessed", int(blessed))
            inputs["model_blessing"] = [blessing]
        stage = Pusher(
            model=channel_utils.as_channel([model]),
            push_destination=pusher_pb2.PushDestination(
                filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(serving))
            ),
        )
        Executor().Do(inputs, {"pushed_model": [pushed]}, stage.exec_properties)
        return pushed

    return run


def content(version: Path) -> tuple[str, str]:
    return (version / "saved_model.pb").read_text(), (version / "variables" / "variables.index").read_text()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_stage_runs_this_executor():
    assert Pusher.EXECUTOR_SPEC.executor_class is Executor


def test_a_blessed_model_becomes_version_1(push, serving):
    pushed = push("first")
    assert names(serving) == ["1"]
    assert content(serving / "1") == ("first", "index of first")
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_string_custom_property("pushed_version") == "1"
    assert pushed.get_string_custom_property("pushed_destination") == str(serving / "1")
    assert content(Path(pushed.uri)) == ("first", "index of first")


def test_the_next_model_becomes_version_2_and_the_first_stays(push, serving):
    push("first")
    pushed = push("second")
    assert names(serving) == ["1", "2"]
    assert content(serving / "1")[0] == "first"
    assert content(serving / "2")[0] == "second"
    assert pushed.get_string_custom_property("pushed_version") == "2"


def test_a_model_that_is_not_blessed_is_not_pushed(push, serving):
    pushed = push("poor", blessed=False)
    assert not serving.exists()
    assert pushed.get_int_custom_property("pushed") == 0
    push("good")
    push("poor again", blessed=False)
    assert names(serving) == ["1"]
    assert content(serving / "1")[0] == "good"


def test_without_a_judge_the_model_is_pushed(push, serving):
    push("unjudged", blessed=None)
    assert content(serving / "1")[0] == "unjudged"


def test_what_a_push_that_broke_off_left_behind_is_replaced(push, serving):
    push("first")
    half = serving / ".copying-2"
    (half / "variables").mkdir(parents=True)
    (half / "saved_model.pb").write_text("half a model")
    (half / "variables" / "stale").write_text("stale")
    push("second")
    assert names(serving) == ["1", "2"]
    assert content(serving / "2") == ("second", "index of second")
    assert names(serving / "2" / "variables") == ["variables.index"]


def test_a_folder_watched_by_a_server_never_holds_half_a_model(push, serving, monkeypatch):
    from models.serving import pusher

    copy, seen = pusher.io_utils.copy_dir, []

    def watched_copy(source, destination):
        copy(source, destination)
        seen.append(names(serving))

    monkeypatch.setattr(pusher.io_utils, "copy_dir", watched_copy)
    push("first")
    assert seen == [[".copying-1"], ["1"]]


@pytest.mark.parametrize(
    ("folders", "version"),
    [
        ([], 1),
        (["1"], 2),
        (["2", "10", "9"], 11),
        (["007"], 8),
        (["latest", ".copying-5", "v3", "-4", "1.5", "²", "٣", ""], 1),
        (["1700000000"], 1700000001),
    ],
)
def test_the_next_version_follows_the_highest_number(serving, folders, version):
    for name in folders:
        (serving / name).mkdir(parents=True, exist_ok=True)
    assert next_version(str(serving)) == version
    assert next_version(f"{serving}/") == version
