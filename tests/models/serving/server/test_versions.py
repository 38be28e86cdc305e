"""Which version answers, and how one takes another's place."""

import gc
import threading
import time
import weakref
from pathlib import Path

import pytest

from models.serving.server.place import NothingToServe
from models.serving.server.served_model import ServedModel
from models.serving.server.status import Code, RequestError
from models.serving.server.versions import AVAILABLE, END, Versions
from tests.models.serving.server.conftest import ask, export_parts


def put(folder: Path, version: int, content: str = "good") -> None:
    (folder / str(version)).mkdir(exist_ok=True)
    (folder / str(version) / "saved_model.pb").write_text(content)


def load(folder: str, version: int) -> ServedModel:
    if Path(folder, "saved_model.pb").read_text() != "good":
        raise ValueError("damaged")
    return ServedModel(version, None, {}, {}, 0, None)


@pytest.fixture
def versions(tmp_path) -> Versions:
    put(tmp_path, 1)
    versions = Versions(str(tmp_path), "parts", load, poll_seconds=3600)
    versions.start()
    yield versions
    versions.stop()


def test_the_highest_version_answers(versions, tmp_path):
    put(tmp_path, 2)
    put(tmp_path, 10)
    versions.look()
    assert versions.get().version == versions.get(10).version == 10
    with pytest.raises(RequestError) as caught:
        versions.get(1)
    assert caught.value.code == Code.NOT_FOUND
    assert caught.value.message == "Servable not found for request: Specific(parts, 1)"


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_in_place(versions, tmp_path):
    put(tmp_path, 2, "bad")
    versions.look()
    assert versions.get().version == 1
    states = versions.states()
    assert (states[1].state, states[2].state) == (AVAILABLE, END)
    assert states[2].code == Code.UNKNOWN and "damaged" in states[2].message


def test_a_version_that_could_not_be_loaded_is_tried_again_once_it_has_changed(versions, tmp_path):
    put(tmp_path, 2, "bad")
    versions.look()
    put(tmp_path, 2, "good")
    versions.look()
    assert versions.get().version == 2


def test_taking_the_newest_away_goes_back_to_the_one_before(versions, tmp_path):
    put(tmp_path, 2)
    versions.look()
    (tmp_path / "2").rename(tmp_path / "taken away")
    versions.look()
    assert versions.get().version == 1


def test_a_version_stays_while_the_folder_is_empty(versions, tmp_path):
    (tmp_path / "1").rename(tmp_path / "taken away")
    versions.look()
    assert versions.get().version == 1


def test_an_old_version_ends_with_its_last_request(versions, tmp_path):
    kept = versions.get()
    gone = weakref.ref(kept)
    put(tmp_path, 2)
    versions.look()
    assert versions.states()[1].state == "UNLOADING"
    del kept
    gc.collect()
    assert gone() is None and versions.states()[1].state == END


def test_a_folder_where_nothing_loads_is_refused_with_the_reason(tmp_path):
    put(tmp_path, 3, "bad")
    with pytest.raises(NothingToServe, match="version 3: ValueError: damaged"):
        Versions(str(tmp_path), "parts", load).start()


def test_no_request_is_lost_while_a_new_version_comes(start, tmp_path):
    export_parts(tmp_path, 1, scale=1.0)
    server = start(tmp_path)
    answers, stopped = [], threading.Event()

    def client() -> None:
        while not stopped.is_set():
            body = {"signature_name": "add", "instances": [[1, 2]]}
            answers.append(ask(server, "/v1/models/parts:predict", body))

    clients = [threading.Thread(target=client) for _ in range(4)]
    for one in clients:
        one.start()
    export_parts(tmp_path, 2, scale=10.0)
    deadline = time.monotonic() + 60
    while server.versions.get().version == 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    stopped.set()
    for one in clients:
        one.join()
    assert {answer.status for answer in answers} == {200}
    assert {answer.json["predictions"][0] for answer in answers} == {3.0, 30.0}
    body = {"signature_name": "add", "instances": [[1, 2]]}
    assert ask(server, "/v1/models/parts/versions/1:predict", body).status == 404
    assert ask(server, "/v1/models/parts/versions/2:predict", body).json == {"predictions": [30.0]}
