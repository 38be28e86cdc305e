"""Keras Tuner's protocol of a chief and its workers, each a process of this machine or another."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent import futures
from typing import Any

import grpc
import keras_tuner
from keras_tuner.engine import trial as trial_module

from models.tuning.oracle_service import add_oracle_service

_TUNER_ID, _IP, _PORT = "KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"
_SECONDS_BETWEEN_LOOKS = 0.2
_LAST_OF_LOG = 2000


class WorkerError(RuntimeError):
    """Reports that a worker cannot begin."""


def runs_in_parallel(environment: Mapping[str, str] = os.environ) -> bool:
    """Tells whether the environment names a chief."""
    return _IP in environment


def is_worker(environment: Mapping[str, str] = os.environ) -> bool:
    """Tells whether this process is to ask a chief for its trials."""
    return runs_in_parallel(environment) and "chief" not in environment.get(_TUNER_ID, "")


def run_as_chief(oracle: keras_tuner.Oracle, command: list[str], num_workers: int, folder: str) -> None:
    """Serves an oracle to workers until all trials are done.

    Workers of this machine are started here. Those of other machines come by themselves, when their
    environment names this chief: `KERASTUNER_ORACLE_IP`, `KERASTUNER_ORACLE_PORT` and a
    `KERASTUNER_TUNER_ID` of their own. A worker that dies, of lack of memory for one, takes its trial along;
    another takes its place.

    Args:
        oracle: What proposes the trials.
        command: Runs a worker.
        num_workers: Workers to start here.
        folder: Where the workers' logs go.

    Raises:
        WorkerError: A worker ended before it took a trial.
    """
    address, port = os.environ.get(_IP, "127.0.0.1"), os.environ.get(_PORT, "0")
    with _served(oracle, f"{address}:{port}") as bound:
        environment = {
            # Processes that each take all processors stand in each other's way.
            "TF_NUM_INTRAOP_THREADS": str(max((os.cpu_count() or 1) // num_workers, 1)),
            **os.environ,
            _IP: address,
            _PORT: str(bound),
        }
        workers = [_Worker(f"tuner{number}", command, environment, folder) for number in range(num_workers)]
        try:
            while any(worker.is_at_work(oracle) for worker in workers) or not _is_left(oracle):
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        finally:
            for worker in workers:
                worker.stop()


@contextlib.contextmanager
def _served(oracle: keras_tuner.Oracle, address: str) -> Iterator[int]:
    # One thread: an oracle answers one question at a time.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    add_oracle_service(oracle, server)
    port = server.add_insecure_port(address)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=1).wait()


@keras_tuner.synchronized
def _is_left(oracle: keras_tuner.Oracle) -> bool:
    """Tells whether no trial runs and every worker knows that there are no more."""
    return not oracle.ongoing_trials and not oracle.tuner_ids


class _Worker:
    """A worker's process; when it dies it is started anew."""

    def __init__(self, tuner_id: str, command: list[str], environment: Mapping[str, str], folder: str):
        self._tuner_id = tuner_id
        self._command = command
        self._environment = {**environment, _TUNER_ID: tuner_id}
        self._log = os.path.join(folder, f"{tuner_id}.log")
        self._process = self._start()

    def is_at_work(self, oracle: Any) -> bool:
        status = self._process.poll()
        if status is None:
            return True
        if status == 0:
            return False
        trial = oracle.ongoing_trials.get(self._tuner_id)
        if trial is None:
            raise WorkerError(f"A worker of the search ended with status {status}. It said: {self._said()}")
        trial.status = trial_module.TrialStatus.FAILED
        trial.message = f"The process of the trial ended with status {status}. It said: {self._said()}"
        oracle.end_trial(trial)
        self._process = self._start()
        return True

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        with open(self._log, "ab") as log:
            return subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )

    def _said(self) -> str:
        with open(self._log, "rb") as log:
            return log.read()[-_LAST_OF_LOG:].decode(errors="replace")
