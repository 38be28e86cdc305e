"""Asks a SavedModel in a process that has never seen the code it was made by."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.serving_validator import replay
from components.serving_validator.request import Request
from components.serving_validator.waiting_process import WaitingProcess

_LINES_OF_LOG = 20
_waiting: list[WaitingProcess] = []


class ReplayFailedError(Exception):
    """The process died, or took too long; the message is a sentence for people."""


@dataclass(frozen=True)
class Answers:
    """What a signature says to a request.

    Attributes:
        outputs: Output to array, a row per answered record.
        rows: The answered records' places in the request, int64 `(answered,)`.
        errors: Message by the place of a record that got an error; `batch` for a request without records.
    """

    outputs: dict[str, np.ndarray]
    rows: np.ndarray
    errors: dict[str, str]


@dataclass(frozen=True)
class Replay:
    """What a model says to all requests.

    Attributes:
        signatures: Every signature that answers probabilities, by name why it was not asked, or None.
        answers: By place of the request and name of the signature.
    """

    signatures: dict[str, str | None]
    answers: dict[tuple[int, str], Answers]


def prepare_fresh_process() -> None:
    """Forks the process that the next replay takes, where the present one has imported TensorFlow and no more."""
    _waiting.append(WaitingProcess())


def replay_in_fresh_process(model_folder: str, requests: Sequence[Request], time_limit: float) -> Replay:
    """Hands a process the requests and reads its answers: the one that waits, or else one that it starts.

    Args:
        model_folder: Of the SavedModel.
        requests: What to ask, in this order.
        time_limit: Seconds the process has.

    Raises:
        ReplayFailedError: It ended before its time, or did not end in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_requests(folder, requests)
        _run(model_folder, folder, requests, time_limit)
        return _read_answers(folder)


def _write_requests(folder: str, requests: Sequence[Request]) -> None:
    places: dict[bytes, int] = {}
    for request in requests:
        for example in request.examples:
            places.setdefault(example, len(places))
    with tf.io.TFRecordWriter(os.path.join(folder, replay.EXAMPLES)) as writer:
        for example in places:
            writer.write(example)
    with open(os.path.join(folder, replay.REQUESTS), "w", encoding="utf-8") as handle:
        json.dump([[places[example] for example in request.examples] for request in requests], handle)


def _run(model_folder: str, folder: str, requests: Sequence[Request], time_limit: float) -> None:
    # Output goes to files: a pipe would fill up, and hold what a killed process's children still write.
    paths = {name: os.path.join(folder, name) for name in ("stdout", "stderr")}
    waiting = _waiting.pop() if _waiting else None
    try:
        if waiting is not None and waiting.is_alive:
            status = waiting.replay(model_folder, folder, paths["stdout"], paths["stderr"], time_limit)
        else:
            status = _start(model_folder, folder, paths, time_limit)
    except subprocess.TimeoutExpired as err:
        raise ReplayFailedError(
            f"The process had not answered after {time_limit:g} seconds; it was {_whereabouts(paths, requests)}. "
            "Raise serving_validation.time_limit where the model is that slow."
        ) from err
    if status:
        ended = f"was killed by {_signal_name(-status)}" if status < 0 else f"ended with status {status}"
        raise ReplayFailedError(
            f"A fresh process that asks the exported model {ended} while {_whereabouts(paths, requests)}: "
            f"{_last_lines(paths['stderr'])}"
        )


def _start(model_folder: str, folder: str, paths: dict[str, str], time_limit: float) -> int:
    command = [sys.executable, "-m", replay.__name__, model_folder, folder, str(os.getpid())]
    with open(paths["stdout"], "wb") as stdout, open(paths["stderr"], "wb") as stderr:
        return subprocess.run(
            command, stdout=stdout, stderr=stderr, timeout=time_limit, env=_environment()
        ).returncode


def _environment() -> dict[str, str]:
    # The process finds this project wherever the present one found it.
    paths = [path for path in sys.path if path]
    return {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _whereabouts(paths: dict[str, str], requests: Sequence[Request]) -> str:
    with open(paths["stdout"], encoding="utf-8", errors="replace") as handle:
        lines = handle.read().splitlines()
    if not lines or " with request " not in lines[-1]:
        return lines[-1] if lines else "starting"
    name, _, number = lines[-1].rpartition(" with request ")
    return f"asking {name} where {requests[int(number)].kind}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_lines(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as handle:
        lines = [line.strip() for line in handle if line.strip()]
    return " | ".join(lines[-_LINES_OF_LOG:])[-1000:] or "it said nothing"


def _read_answers(folder: str) -> Replay:
    with open(os.path.join(folder, replay.ERRORS), encoding="utf-8") as handle:
        said = json.load(handle)
    with np.load(os.path.join(folder, replay.ANSWERS), allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    answers = {}
    for key, errors in said["errors"].items():
        number, _, name = key.partition("/")
        outputs = {
            output.removeprefix(f"{key}/"): values
            for output, values in content.items()
            if output.startswith(f"{key}/")
        }
        answers[int(number), name] = Answers(outputs, content[key], errors)
    return Replay(said["signatures"], answers)
