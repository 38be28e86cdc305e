"""The server's memory over many versions."""

import json
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import COUNTERPOISE
from tests.models.serving.server.conftest import export_parts

SWAPS = 12


def resident_mib(process: subprocess.Popen) -> float:
    [line] = [one for one in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in one]
    return int(line.split()[1]) / 1024


@pytest.mark.slow
def test_twelve_versions_take_no_more_memory_than_three(tmp_path):
    made, folder = tmp_path / "made", tmp_path / "serving"
    made.mkdir()
    folder.mkdir()
    export_parts(folder, 1)
    shutil.copytree(folder / "1", made / "1")
    command = [COUNTERPOISE, "serve", str(folder), "--port", "0", "--grpc-port", "0", "--name", "parts"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split("REST on ")[1].split(",")[0]

        def add_pairs(version: int) -> list[float]:
            body = json.dumps({"signature_name": "add", "instances": [[1, 2]] * 3}).encode()
            path = f"{address}/v1/models/parts/versions/{version}:predict"
            with urllib.request.urlopen(urllib.request.Request(path, data=body), timeout=60) as response:
                return json.loads(response.read())["predictions"]

        def state(version: int) -> str:
            with urllib.request.urlopen(f"{address}/v1/models/parts", timeout=60) as response:
                states = json.loads(response.read())["model_version_status"]
            return next((one["state"] for one in states if one["version"] == str(version)), "")

        after = []
        for version in range(2, SWAPS + 2):
            shutil.copytree(made / "1", made / str(version))
            (made / str(version)).rename(folder / str(version))
            deadline = time.monotonic() + 120
            while state(version) != "AVAILABLE" or state(version - 1) != "END":
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert add_pairs(version) == [3, 3, 3]
            # What the version before held is freed at the server's next look.
            time.sleep(2.5)
            after.append(resident_mib(process))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    print([round(one) for one in after])
    assert after[-1] <= 1.05 * after[2]
