"""Serves the highest version in a model's folder that can be loaded."""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from models.serving.server.model_directory import GRAPH_FILE, NothingToServe, version_folder, versions_in
from models.serving.server.release_memory import release_memory
from models.serving.server.served_model import ServedModel
from models.serving.server.status import RequestError, StatusCode

log = logging.getLogger(__name__)
LOADING, AVAILABLE, UNLOADING, END = "LOADING", "AVAILABLE", "UNLOADING", "END"
_MOST_LOGGED = 500


@dataclass(frozen=True)
class VersionState:
    """A version's state in the words of TensorFlow Serving.

    Attributes:
        state: LOADING, AVAILABLE, UNLOADING or END.
        code: OK, or why it is not served.
        message: The same for people; empty where all is well.
    """

    state: str
    code: StatusCode = StatusCode.OK
    message: str = ""


class Versions:
    """Keeps the highest version in a folder loaded, and looks for a higher one every second.

    A new version is loaded and warmed up beside the old one, then takes its place; the old one is freed
    when the last request that began on it has ended. A version that cannot be loaded leaves the one
    before it in place, and is tried again once its files have changed. Either is logged.

    Args:
        folder: Holds one folder per version, named by its number.
        name: The model's name, for messages.
        load: Loads a version's folder, given its number.
        poll_seconds: Time between two looks at the folder.
    """

    def __init__(
        self, folder: str, name: str, load: Callable[[str, int], ServedModel], poll_seconds: float = 1.0
    ):
        self._folder, self._name, self._load, self._poll_seconds = folder, name, load, poll_seconds
        self._lock = threading.Lock()
        self._current: ServedModel | None = None
        self._states: dict[int, VersionState] = {}
        # Fingerprints of versions that could not be loaded.
        self._failed: dict[int, tuple] = {}
        self._to_collect = False
        self._stopped = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="versions", daemon=True)

    def start(self) -> None:
        """Loads the highest version that can be, and begins to look for others.

        Raises:
            NothingToServe: None can be loaded.
        """
        self.refresh()
        if self._current is None:
            reasons = "; ".join(f"version {one}: {state.message}" for one, state in self.states().items())
            raise NothingToServe(f"No version in {self._folder} can be loaded. {reasons}")
        self._poller.start()

    def stop(self) -> None:
        """Stops looking; what is loaded stays."""
        self._stopped.set()
        if self._poller.is_alive():
            self._poller.join()

    def get(self, version: int | None = None) -> ServedModel:
        """Returns the version that answers; a request keeps it for as long as it runs.

        Args:
            version: The one asked for; None for whichever is served.

        Raises:
            RequestError: It is not served.
        """
        current = self._current
        if current is not None and version in (None, current.version):
            return current
        wanted = f"Latest({self._name})" if version is None else f"Specific({self._name}, {version})"
        raise RequestError(StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}")

    def states(self) -> dict[int, VersionState]:
        """Returns the state of every version seen, highest first."""
        with self._lock:
            return dict(sorted(self._states.items(), reverse=True))

    def refresh(self) -> None:
        """Takes up the highest version in the folder that can be loaded, where it is not the current one."""
        for version in reversed(versions_in(self._folder)):
            if self._current is not None and self._current.version == version:
                return
            folder = version_folder(self._folder, version)
            if self._failed.get(version) != _fingerprint(folder) and self._switch_to(folder, version):
                return

    def _poll(self) -> None:
        while not self._stopped.wait(self._poll_seconds):
            self.refresh()
            if self._to_collect:
                self._to_collect = False
                release_memory()

    def _switch_to(self, folder: str, version: int) -> bool:
        fingerprint, started = _fingerprint(folder), time.monotonic()
        self._set(version, VersionState(LOADING))
        try:
            model = self._load(folder, version)
        except Exception as error:
            self._failed[version] = fingerprint
            message = f"{type(error).__name__}: {error}"
            self._set(version, VersionState(END, StatusCode.UNKNOWN, message[:2000]))
            log.warning(
                "Version %d of %s refused%s. %s",
                version,
                self._name,
                self._who_answers_meanwhile(),
                _line(message),
            )
            return False
        self._failed.pop(version, None)
        old, self._current = self._current, model
        self._set(version, VersionState(AVAILABLE))
        if old is not None:
            log.info(
                "Version %d of %s taken up in %.1f s, in place of version %d",
                version,
                self._name,
                time.monotonic() - started,
                old.version,
            )
            self._retire(old)
        return True

    def _who_answers_meanwhile(self) -> str:
        return "" if self._current is None else f", version {self._current.version} goes on answering"

    def _retire(self, old: ServedModel) -> None:
        self._set(old.version, VersionState(UNLOADING))
        weakref.finalize(old, self._ended, old.version)

    def _ended(self, version: int) -> None:
        # May run within any line of any thread, under the lock too, so it takes none.
        self._to_collect = True
        if self._states[version].state == UNLOADING:
            self._states[version] = VersionState(END)

    def _set(self, version: int, state: VersionState) -> None:
        with self._lock:
            self._states[version] = state


def _line(message: str) -> str:
    """Puts what TensorFlow says in many lines into one."""
    return " ".join(message.split())[:_MOST_LOGGED]


def _fingerprint(folder: str) -> tuple:
    """Returns what changes when the files of a version do."""
    found = []
    for inside in ("", GRAPH_FILE, "variables", os.path.join("variables", "variables.index")):
        try:
            status = os.stat(os.path.join(folder, inside))
        except OSError:
            continue
        found.append((inside, status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)
