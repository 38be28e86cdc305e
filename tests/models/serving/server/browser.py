"""A headless Chromium, driven over its DevTools protocol."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import websocket_connect

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
_SECONDS = 60


class Tab:
    """One page of the browser.

    Attributes:
        complaints: What the browser logged as a warning or an error.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Any):
        self._loop, self._connection, self._numbers = loop, connection, itertools.count(1)
        self.complaints: list[str] = []

    def call(self, method: str, **parameters: Any) -> Any:
        """Sends one command of the protocol and returns its result."""
        return self._loop.run_until_complete(asyncio.wait_for(self._call(method, parameters), _SECONDS))

    def open(self, address: str, width: int, height: int = 900) -> None:
        """Loads an address in a window of this many pixels."""
        for domain in ("Page", "DOM", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        # The page before this one answers until it has gone.
        self.read("window.isOld = true")
        self.call("Page.navigate", url=address)
        self.wait_for("!window.isOld && document.readyState === 'complete'")

    def resize(self, width: int, height: int = 900) -> None:
        """Gives the window a size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def read(self, expression: str) -> Any:
        """Returns the value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Returns the value of an expression once it is true."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            if value := self.read(expression):
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {expression}; page: {self.read('document.body.innerText')}")

    def choose_file(self, selector: str, path: Path) -> None:
        """Chooses a file in an input, as a person does in the dialogue."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call("DOM.setFileInputFiles", objectId=found["result"]["objectId"], files=[str(path)])

    def screenshot(self, path: Path) -> None:
        """Writes the page, whole, as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        number = next(self._numbers)
        await self._connection.write_message(
            json.dumps({"id": number, "method": method, "params": parameters})
        )
        while True:
            message = json.loads(await self._connection.read_message())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(message["params"]["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] != "info":
            self.complaints.append(message["params"]["entry"]["text"])


@contextmanager
def open_tab(folder: Path) -> Iterator[Tab]:
    """Starts a browser whose profile is kept in a folder; skips the test where there is none."""
    if CHROMIUM is None:
        message = "No Chromium: install the package `chromium` to test the page in a browser."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
    command = [CHROMIUM, *flags, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    loop = asyncio.new_event_loop()
    try:
        connection = loop.run_until_complete(_connect(_port(folder)))
        yield Tab(loop, connection)
        connection.close()
    finally:
        process.terminate()
        process.wait()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _port(folder: Path) -> int:
    """Returns the port that the browser writes down once it listens."""
    written, deadline = folder / "DevToolsActivePort", time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if written.is_file() and (lines := written.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError("The browser did not start.")


async def _connect(port: int) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=_SECONDS) as response:
        [page] = [one for one in json.loads(response.read()) if one["type"] == "page"]
    return await websocket_connect(page["webSocketDebuggerUrl"], max_message_size=2**26)
