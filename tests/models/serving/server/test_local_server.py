"""What a server takes from the model where nobody has said otherwise."""

import base64
import json
import shutil

import pytest

from tests.models.serving.server.conftest import ask, png


@pytest.fixture
def folder(parts_folder, tmp_path):
    """A version that asks for batches of 3 and allows 99 pixels."""
    shutil.copytree(parts_folder / "1", tmp_path / "serving" / "1")
    extra = tmp_path / "serving" / "1" / "assets.extra"
    extra.mkdir()
    said = {"max_batch": 3, "batch_timeout_ms": 0, "max_image_pixels": 99}
    (extra / "serving.json").write_text(json.dumps(said))
    return tmp_path / "serving"


def largest_batch(server) -> int:
    return len(server.versions.get().signatures["add"].batch_sizes()) - 1


def test_the_model_says_how_it_is_served(start, folder):
    server = start(folder, max_batch=None)
    assert largest_batch(server) == 3
    row = {"image": {"b64": base64.b64encode(png(1, (10, 10))).decode()}, "width": 0.5, "line": ""}
    answer = ask(server, "/v1/models/parts:predict", {"signature_name": "predict_raw", "instances": [row]})
    assert answer.status == 400 and "100 pixels, more than the limit of 99" in answer.json["error"]


def test_the_command_line_says_otherwise(start, folder):
    server = start(folder, max_batch=70, max_image_pixels=1000)
    assert largest_batch(server) == 70
    assert server.versions.get().max_image_pixels == 99
