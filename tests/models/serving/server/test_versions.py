"""Which version answers, and how one takes another's place."""

import gc
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from models.serving.server.model_directory import NothingToServe
from models.serving.server.served_model import ServedModel
from models.serving.server.status import RequestError, StatusCode
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
    versions.refresh()
    assert versions.get().version == versions.get(10).version == 10
    with pytest.raises(RequestError) as caught:
        versions.get(1)
    assert caught.value.code == StatusCode.NOT_FOUND
    assert caught.value.message == "Servable not found for request: Specific(parts, 1)"


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_in_place(versions, tmp_path):
    put(tmp_path, 2, "bad")
    versions.refresh()
    assert versions.get().version == 1
    states = versions.states()
    assert (states[1].state, states[2].state) == (AVAILABLE, END)
    assert states[2].code == StatusCode.UNKNOWN and "damaged" in states[2].message


def test_a_version_that_could_not_be_loaded_is_tried_again_once_it_has_changed(versions, tmp_path):
    put(tmp_path, 2, "bad")
    versions.refresh()
    put(tmp_path, 2, "good")
    versions.refresh()
    assert versions.get().version == 2


def test_versions_taken_up_and_refused_are_logged_in_a_line_each(versions, tmp_path, caplog):
    caplog.set_level("INFO", "models.serving.server")
    put(tmp_path, 2)
    versions.refresh()
    put(tmp_path, 3, "bad")
    versions.refresh()
    # Looked at again, it is the same news.
    versions.refresh()
    taken_up, refused = caplog.messages
    assert taken_up.startswith("Version 2 of parts taken up in ") and taken_up.endswith(
        "in place of version 1"
    )
    assert refused == "Version 3 of parts refused, version 2 goes on answering. ValueError: damaged"


def test_taking_the_newest_away_goes_back_to_the_one_before(versions, tmp_path):
    put(tmp_path, 2)
    versions.refresh()
    (tmp_path / "2").rename(tmp_path / "taken away")
    versions.refresh()
    assert versions.get().version == 1


def test_a_version_stays_while_the_folder_is_empty(versions, tmp_path):
    (tmp_path / "1").rename(tmp_path / "taken away")
    versions.refresh()
    assert versions.get().version == 1


def test_an_old_version_ends_with_its_last_request(versions, tmp_path):
    kept = versions.get()
    gone = weakref.ref(kept)
    put(tmp_path, 2)
    versions.refresh()
    assert versions.states()[1].state == "UNLOADING"
    del kept
    gc.collect()
    assert gone() is None and versions.states()[1].state == END


def test_a_folder_where_nothing_loads_is_refused_with_the_reason(tmp_path):
    put(tmp_path, 3, "bad")
    with pytest.raises(NothingToServe, match="version 3: ValueError: damaged"):
        Versions(str(tmp_path), "parts", load).start()


def test_no_request_is_lost_and_no_answer_mixes_versions_while_new_ones_come(start, tmp_path):
    made, served = tmp_path / "made", tmp_path / "served"
    made.mkdir()
    served.mkdir()
    # Made before there is any load, which would slow it down.
    for version in (1, 2, 3):
        export_parts(made, version, scale=10.0 ** (version - 1))
    (made / "1").rename(served / "1")
    server = start(served)
    stopped = threading.Event()
    # Version to the sum that it answers for the pair (1, 2); several rows, so that batches of several requests
    # are cut apart again.
    sums, rows = {1: 3.0, 2: 30.0, 3: 300.0}, 3
    seen: list[tuple[int | None, set[float]]] = []
    failures: list[Exception] = []

    def rest() -> tuple[None, set[float]]:
        answer = ask(
            server, "/v1/models/parts:predict", {"signature_name": "add", "instances": [[1, 2]] * rows}
        )
        assert answer.status == 200 and len(answer.json["predictions"]) == rows, answer.body
        return None, set(answer.json["predictions"])

    def client(one_request: Callable[[], tuple[int | None, set[float]]]) -> None:
        while not stopped.is_set():
            try:
                seen.append(one_request())
            except Exception as error:
                failures.append(error)
                return

    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "parts", "add"
        request.inputs["pairs"].CopyFrom(tf.make_tensor_proto(np.float32([[1, 2]] * rows)))

        def over_grpc() -> tuple[int, set[float]]:
            answer = stub.Predict(request, timeout=60)
            return answer.model_spec.version.value, set(tf.make_ndarray(answer.outputs["sum"]).tolist())

        clients = [threading.Thread(target=client, args=(one,)) for one in [rest, over_grpc] * 2]
        for one in clients:
            one.start()
        for version in (2, 3):
            (made / str(version)).rename(served / str(version))
            deadline = time.monotonic() + 60
            while server.versions.get().version != version and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.2)
        stopped.set()
        for one in clients:
            one.join()
    assert failures == []
    for version, answered in seen:
        assert answered == ({sums[version]} if version else answered & set(sums.values()))
        assert len(answered) == 1
    assert set().union(*(answered for _, answered in seen)) == set(sums.values())
    body = {"signature_name": "add", "instances": [[1, 2]]}
    assert ask(server, "/v1/models/parts/versions/1:predict", body).status == 404
    assert ask(server, "/v1/models/parts/versions/3:predict", body).json == {"predictions": [300.0]}
