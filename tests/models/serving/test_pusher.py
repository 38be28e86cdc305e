from pathlib import Path

import pytest
from tfx.proto import pusher_pb2
from tfx.types import channel_utils, standard_artifacts

from models.serving.pusher import Executor, Pusher, next_version, put_version, same_content


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


@pytest.mark.parametrize("killed_after", ["rename", "copy"])
def test_a_push_that_was_killed_is_not_pushed_twice(push, serving, monkeypatch, killed_after):
    from models.serving import pusher

    class Killed(BaseException):
        pass

    def kill(*arguments, **named):
        raise Killed

    push("first")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        # The artifact is copied after the rename, and marked last.
        patch.setattr(
            pusher.fileio if killed_after == "copy" else Executor,
            *{"copy": ("rename", kill), "rename": ("_MarkPushed", kill)}[killed_after],
        )
        push("second")
    visible = ["1"] if killed_after == "copy" else ["1", "2"]
    assert [name for name in names(serving) if name.isdigit()] == visible
    pushed = push("second")
    assert names(serving) == ["1", "2"]
    assert content(serving / "2") == ("second", "index of second") == content(Path(pushed.uri))
    assert pushed.get_string_custom_property("pushed_version") == "2"
    assert pushed.get_string_custom_property("pushed_destination") == str(serving / "2")


def test_a_model_that_is_the_newest_version_already_is_not_pushed_again(push, serving):
    push("first")
    again = push("first")
    assert names(serving) == ["1"]
    assert again.get_int_custom_property("pushed") == 1
    assert again.get_string_custom_property("pushed_version") == "1"


def test_the_version_is_found_under_a_name_with_zeros(push, serving):
    push("first")
    (serving / "1").rename(serving / "001")
    assert push("first").get_string_custom_property("pushed_destination") == str(serving / "001")


def test_going_back_to_an_older_model_makes_it_the_newest(push, serving):
    for name in ("first", "second", "first"):
        push(name)
    assert names(serving) == ["1", "2", "3"]
    assert content(serving / "3")[0] == "first"


def test_a_damaged_copy_is_not_taken_for_the_model(push, serving):
    push("first")
    (serving / "1" / "variables" / "variables.index").write_text("index of fir__")
    assert push("first").get_string_custom_property("pushed_version") == "2"


@pytest.mark.parametrize(
    ("files", "others", "same"),
    [
        ({"a": b"1"}, {"a": b"1"}, True),
        ({"a": b"1", "b/c": b""}, {"a": b"1", "b/c": b""}, True),
        ({"a": b"1"}, {"a": b"2"}, False),
        ({"a": b"1"}, {"a": b"12"}, False),
        ({"a": b"12"}, {"a": b"1"}, False),
        ({"a": b"1"}, {"b": b"1"}, False),
        ({"a": b"1"}, {"a": b"1", "b": b""}, False),
        ({"a": b"x" * 2**20 + b"1"}, {"a": b"x" * 2**20 + b"2"}, False),
    ],
)
def test_folders_are_the_same_with_the_same_files_and_bytes(tmp_path, files, others, same):
    for folder, named in (("one", files), ("other", others)):
        for name, written in named.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written)
    assert same_content(str(tmp_path / "one"), str(tmp_path / "other")) is same


def test_a_version_that_was_removed_is_put_back_by_its_number(tmp_path, serving):
    model = tmp_path / "model"
    model.mkdir()
    (model / "saved_model.pb").write_text("first")
    assert put_version(str(model), str(serving), 4) == str(serving / "4")
    assert names(serving) == ["4"]


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
