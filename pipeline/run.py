"""Runs an experiment in a process of its own, shows how far it is, and says how it ended."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO

from rich.console import Console

from components.html_report.terminal import per_class_table
from core.documents.metrics import Metrics
from core.documents.split_summary import SplitSummary
from core.errors import InputError
from pipeline.config import Experiment
from pipeline.configuration.check_with_data import check_with_data
from pipeline.data_account import show_account, with_losses
from pipeline.events import EndEvent, Event, ResultEvent
from pipeline.failure import explain_failure
from pipeline.output.error import OutputError
from pipeline.output.folder_watch import FolderWatch, loss_sentence
from pipeline.output.prepare import prepare_output
from pipeline.output.writable import LOCK_FILE, LOG_FILE, check_output_folder, make_output_folder
from pipeline.reaper import MARK, new_mark, start_reaper
from pipeline.stage_table import StageTable

PUSHED, FAILED, BAD_INPUT, NOT_BLESSED, INTERRUPTED = 0, 1, 2, 3, 130
_SECONDS_TO_STOP = 10
# What a killed run has started follows it within this time.
_SECONDS_TO_DIE = 10


def run_experiment(experiment: Experiment, output: str, beam_args: list[str], console: Console) -> int:
    """Runs the pipeline from raw data to a pushed model.

    Args:
        experiment: What to run.
        output: Folder of the results; made where it does not exist.
        beam_args: Arguments of Beam's runner, as in `--direct_num_workers=2`.
        console: Where progress and result are shown.

    Returns:
        Exit status: 0 pushed, 3 not blessed, 1 failed, 130 interrupted.

    Raises:
        InputError: Bad data, or an output folder that cannot be written to, or that another run is writing to.
    """
    check_output_folder(output)
    experiment, _ = check_with_data(experiment)
    make_output_folder(output)
    log_path = os.path.join(output, LOG_FILE)
    with _locked(output) as lock, open(log_path, "ab") as log:
        try:
            scratch = prepare_output(output, log)
        except (OutputError, OSError) as error:
            console.print(f"Failed: {explain_failure(error, output)}", markup=False, soft_wrap=True)
            return FAILED
        job = {"experiment": experiment.model_dump(mode="json", by_alias=True), "output": output}
        events = _Events(json.dumps({**job, "beam_args": beam_args}), log, lock, scratch)
        last: ResultEvent | EndEvent | None = None
        account: SplitSummary | None = None
        try:
            with FolderWatch(output, lock, events.kill) as watch, StageTable(console) as table:
                for event in events:
                    if (
                        event["kind"] == "result"
                        or event["kind"] == "input_error"
                        or event["kind"] == "failure"
                    ):
                        last = event
                    if event["kind"] == "account":
                        account = SplitSummary.from_json(event["summary"], SplitSummary.path(output))
                        show_account(account, console)
                    table.show(event)
        except KeyboardInterrupt:
            events.interrupt()
            console.print("Stopped. Finished stages are kept; the same command goes on from there.")
            return INTERRUPTED
        status = events.wait()
        if not watch.look():
            console.print(f"Failed: {loss_sentence(watch.lost or output)}", markup=False, soft_wrap=True)
            return FAILED
    if last is not None and last["kind"] == "result":
        return _conclude(last, output, console)
    message = "" if last is None else with_losses(last["message"], account)
    if last is not None and last["kind"] == "input_error":
        raise InputError(message)
    console.print(f"Failed: {message or f'the process ended with status {status}'}", markup=False)
    console.print(f"Everything that was logged: {log_path}", markup=False)
    return FAILED


def _conclude(last: ResultEvent, output: str, console: Console) -> int:
    metrics = Metrics.from_json(last["metrics"], Metrics.path(output))
    console.print(per_class_table(metrics))
    for sentence in metrics.contenders_ahead:
        console.print(sentence, markup=False)
    for sentence in last["new_data_left_out"]:
        console.print(f"Left out: {sentence}", markup=False)
    console.print(f"Report: {os.path.join(output, 'report.html')}", markup=False)
    if last["pushed"] is None:
        console.print("Not blessed, nothing pushed:")
        for reason in metrics.not_blessed_because:
            console.print(f"  {reason}", markup=False)
        return NOT_BLESSED
    console.print(f"Pushed: {last['pushed']}", markup=False)
    if last["predictions"] is not None:
        console.print(f"Predictions: {last['predictions']}", markup=False)
    return PUSHED


class _Events:
    """The working process, as the events it sends."""

    def __init__(self, job: str, log: IO[bytes], lock: IO[str], scratch: str):
        mark = new_mark()
        reading, writing = os.pipe()
        environment = {"TF_CPP_MIN_LOG_LEVEL": "1", "PYTHONWARNINGS": "ignore", **os.environ}
        environment |= {"TMPDIR": scratch, MARK: mark}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.local_runner", str(writing), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # The child holds the lock too: should the parent be killed, the folder is free once both are gone.
            pass_fds=[writing, lock.fileno()],
            env=environment,
            # Ctrl-C reaches the parent alone, which then stops the child in order.
            start_new_session=True,
        )
        self._reaper = start_reaper(self._process.pid, mark, scratch, lock)
        os.close(writing)
        self._pipe = os.fdopen(reading)
        assert self._process.stdin is not None
        self._process.stdin.write(job.encode())
        self._process.stdin.close()

    def __iter__(self) -> Iterator[Event]:
        for line in self._pipe:
            # Of a process that was killed in mid-sentence the last line has no end.
            if line.endswith("\n"):
                yield json.loads(line)

    def wait(self) -> int:
        status = self._process.wait()
        self._reaper.wait()
        return status

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_STOP)
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()


@contextlib.contextmanager
def _locked(output: str) -> Iterator[IO[str]]:
    """Holds the output folder for one run; the kernel lets go of it however the process ends."""
    with open(os.path.join(output, LOCK_FILE), "a") as handle:
        deadline = time.monotonic() + _SECONDS_TO_DIE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as err:
                if time.monotonic() > deadline:
                    raise InputError(
                        f"Another run is writing to {output}. Wait for it to end, or give another folder with "
                        "--output."
                    ) from err
                time.sleep(0.1)
        yield handle
