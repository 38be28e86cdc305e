"""The example clients, run as a person would, against the local server."""

import base64
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from models.serving.tf_serving.clients import grpc_client, rest
from tests.models.serving.server.conftest import (  # noqa: F401
    parts_folder,
    png,
    probability,
    server,
    start,
)

CLIENTS = Path(rest.__file__).parent
EXPECTED = probability(200, 0.5, "south")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "part.png"
    path.write_bytes(png(200))
    return path


def test_curl(server, picture):  # noqa: F811
    row = {"image": {"b64": base64.b64encode(picture.read_bytes()).decode()}, "width": 0.5, "line": "south"}
    url = f"http://127.0.0.1:{server.port}"
    done = subprocess.run(
        [CLIENTS / "curl.sh", "parts", json.dumps(row), url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    versions, _, answer = done.stdout.removeprefix("# versions").partition("# answer")
    assert json.loads(versions)["model_version_status"][0]["state"] == "AVAILABLE"
    [prediction] = json.loads(answer)["predictions"]
    assert prediction["probabilities"][1] == pytest.approx(EXPECTED, abs=1e-6)


def test_curl_fails_where_the_server_refuses(server):  # noqa: F811
    url = f"http://127.0.0.1:{server.port}"
    done = subprocess.run(
        [CLIENTS / "curl.sh", "parts", '{"width": 1}', url], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and "error" in done.stdout


def test_rest(server, picture):  # noqa: F811
    url = f"http://127.0.0.1:{server.port}"
    fields = ["parts", f"image=@{picture}", "width=0.5", "line=south", "--url", url]
    done = subprocess.run(
        [sys.executable, CLIENTS / "rest.py", *fields], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["probabilities"][1] == pytest.approx(EXPECTED, abs=1e-6)
    assert answer["decision"] == "größerer Riss"


def test_grpc(server, picture):  # noqa: F811
    fields = {"image": f"@{picture}", "width": "0.5", "line": "south"}
    answer = grpc_client.ask(f"127.0.0.1:{server.grpc_port}", "parts", fields)
    assert answer["probabilities"][0, 1] == pytest.approx(EXPECTED, abs=1e-6)
    assert answer["decision"][0].decode() == "größerer Riss"


def test_a_number_left_out_is_sent_as_missing(server, picture):  # noqa: F811
    # The model of these tests has no word for missing, and so no answer.
    over_rest = rest.ask(f"http://127.0.0.1:{server.port}", "parts", {"image": f"@{picture}"})
    over_grpc = grpc_client.ask(f"127.0.0.1:{server.grpc_port}", "parts", {"image": f"@{picture}"})
    assert math.isnan(over_rest["score"]) and math.isnan(over_grpc["score"][0])


def test_a_field_that_the_model_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"Fields: line, width\. Received: length"):
        rest.make_row({"width": "DT_FLOAT", "line": "DT_STRING"}, {"length": "1"})
