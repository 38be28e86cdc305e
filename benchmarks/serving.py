"""Measures what the server adds to the SavedModel, how well it joins requests, and whether its memory grows.

Command:  python -m benchmarks.serving [DIR] [--table] [--requests 200] [--clients 32] [--load 10000]
                                       [--rows 1] [--memory N]
Time:     about two minutes on 2 cores; with --memory 100000, some more by the rate.
Prints:   milliseconds (half of the requests, 99 of 100) of one client that asks for one record, over REST and
          gRPC, against the SavedModel called in process; the records a second of many clients (--load requests,
          half of them over each), against full batches called in process; and how many requests failed. The aims
          are ratios of at most 1.3 and at least 0.8, and no failure. With --rows each of many clients' requests asks for so
          many records: a row of a table costs a fraction of what a request does. With --memory nothing of this, but the
          server's resident memory after every tenth of so many requests, and the last over the first.

DIR is the output folder of a run; the record is one of its model's warm-up requests. Without it, MobileNetV2 at
alpha 0.35, or with --table the network for tables on 20 numbers, is exported with random weights: what an answer
costs does not depend on what the model has learnt. Server, clients and the calls in process are three processes,
which share the cores as they would on one machine; what the server and the clients each take of them per request
is printed too.

In process, TensorFlow is called twice: as it sets itself up, on all cores, which the ratios are of; and with one
thread to an operation, as the server does by default, which shows what of a ratio is the server's work and what
that setting's.

Many clients also ask a server that computes nothing (benchmarks.served.bare): what a request costs on these stacks,
with these clients on these cores, whatever is asked. A model of a table answers more rows in full batches than
that: there this rate, and not that of full batches, is the limit of requests for one row.
"""

import argparse
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from benchmarks.served.clients import Address, Load, lone_client, many_clients, milliseconds
from benchmarks.served.models import export_images, export_table, record_for

_BATCH = 64
_APIS = ("REST", "gRPC")
_COMMAND = (sys.executable, "-c", "from pipeline.cli import main; main()", "serve")
_BARE = (sys.executable, "-m", "benchmarks.served.bare")
_MEMORY_STEPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", metavar="DIR")
    parser.add_argument("--table", action="store_true", help="without DIR, export a model of a table")
    parser.add_argument("--requests", type=int, default=200, help="of one client")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--load", type=int, default=10_000, help="requests of many clients, over both APIs")
    parser.add_argument("--rows", type=int, default=1, help="records that a request of many clients asks for")
    parser.add_argument("--memory", type=int, metavar="N", help="requests between which memory is read")
    arguments = parser.parse_args()
    # Children that measure must not begin with this process's TensorFlow.
    multiprocessing.set_start_method("spawn")
    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.directory
        if directory is None:
            directory = folder
            _apart(export_table if arguments.table else export_images, folder)
        record = _apart(_record, directory, arguments.table)
        if arguments.memory:
            _watch_memory(directory, record, arguments.memory, arguments.clients)
        else:
            _measure(directory, record, arguments)


def _measure(directory: str, record: bytes, arguments: argparse.Namespace) -> None:
    direct, full = _apart(_in_process, directory, record, arguments.requests, None)
    single, single_full = _apart(_in_process, directory, record, arguments.requests, 1)
    _print_direct("in process", direct, full)
    _print_direct("in process, one thread an operation", single, single_full)
    ports = ("--port", "0", "--grpc-port", "0", "--max-batch", str(_BATCH))
    with _server(*_COMMAND, directory, *ports) as (pid, address):
        for api in _APIS:
            taken, errors = _apart(lone_client, api, address, record, arguments.requests)
            middle, tail = np.percentile(taken, [50, 99])
            print(
                f"one client over {api:4}: p50 {middle:.2f} ms, p99 {tail:.2f} ms, {errors} errors; "
                f"p50 ratio {middle / np.median(direct):.2f} (aim: at most 1.3)",
                flush=True,
            )
        loads: dict[str, float] = {}
        for api in _APIS:
            before = _cpu_seconds(pid)
            load = _apart(
                many_clients, api, address, record, arguments.load // 2, arguments.clients, arguments.rows
            )
            loads[api] = load.rate
            _print_load(api, load, _cpu_seconds(pid) - before, full, arguments)
    with _server(*_BARE, "--rows", str(arguments.rows)) as (_, address):
        for api in _APIS:
            bare = _apart(
                many_clients, api, address, record, arguments.load // 2, arguments.clients, arguments.rows
            )
            print(
                f"the same clients over {api:4}, nothing computed: {bare.rate:.0f} records/s; "
                f"ratio of the model's to it {loads[api] / bare.rate:.2f}",
                flush=True,
            )


def _print_direct(name: str, single: list[float], rate: float) -> None:
    middle, tail = np.percentile(single, [50, 99])
    print(
        f"{name}: p50 {middle:.2f} ms, p99 {tail:.2f} ms; {rate:.0f} records/s in batches of {_BATCH}",
        flush=True,
    )


def _print_load(api: str, load: Load, server_cpu: float, full: float, arguments: argparse.Namespace) -> None:
    requests = arguments.load // 2
    print(
        f"{arguments.clients} clients over {api:4}, {arguments.rows} records a request: {load.rate:.0f} records/s, {len(load.errors)} errors in "
        f"{requests}; ratio {load.rate / full:.2f} (aim: at least 0.8). Of the cores, a request takes "
        f"{1000 * server_cpu / load.asked:.2f} ms in the server, {1000 * load.cpu_seconds / requests:.2f} ms in "
        "the client",
        flush=True,
    )
    _print_errors(load.errors)


def _print_errors(errors: list[str]) -> None:
    for message, times in Counter(errors).most_common(3):
        print(f"  {times} times: {message}", flush=True)


def _watch_memory(directory: str, record: bytes, requests: int, clients: int) -> None:
    sizes: list[float] = []
    errors: list[str] = []
    with _server(*_COMMAND, directory, "--port", "0", "--grpc-port", "0") as (pid, address):
        for step in range(_MEMORY_STEPS):
            for api in _APIS:
                errors += _apart(
                    many_clients, api, address, record, requests // _MEMORY_STEPS // 2, clients
                ).errors
            sizes.append(_resident_mib(pid))
            done = requests * (step + 1) // _MEMORY_STEPS
            print(f"after {done:7,} requests: {sizes[-1]:.1f} MiB, {len(errors)} errors", flush=True)
    print(f"last over first: {sizes[-1] / sizes[0]:.3f}")
    _print_errors(errors)


@contextmanager
def _server(*command: str) -> Iterator[tuple[int, Address]]:
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"Serving (.*), version .*:(\d+), gRPC on .*:(\d+)$", line)
        assert found is not None, line
        yield server.pid, Address(found[1], int(found[2]), int(found[3]))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as handle:
        # The name, in brackets, may hold blanks.
        fields = handle.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="utf-8") as handle:
        [line] = [line for line in handle if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def _apart(function: Callable, *arguments):
    """Runs a function in a process of its own."""
    with multiprocessing.Pool(1) as pool:
        return pool.apply(function, arguments)


def _record(directory: str, table: bool) -> bytes:
    return record_for(_newest(directory), table)


def _newest(directory: str) -> str:
    from models.serving.server.model_directory import find_model_directory, version_folder, versions_in

    folder = find_model_directory(directory).folder
    return version_folder(folder, versions_in(folder)[-1])


def _in_process(
    directory: str, record: bytes, requests: int, op_threads: int | None
) -> tuple[list[float], float]:
    """Returns the milliseconds of single calls, and the records a second of full batches."""
    import tensorflow as tf

    if op_threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(op_threads)
    function = tf.saved_model.load(_newest(directory)).signatures["serving_default"]

    def call(size: int) -> None:
        outputs = function(examples=tf.constant([record] * size))
        for output in outputs.values():
            output.numpy()

    one = milliseconds(lambda: call(1), requests)
    full = milliseconds(lambda: call(_BATCH), max(20, requests // _BATCH * 3))
    return one, 1000 * _BATCH / float(np.median(full))


if __name__ == "__main__":
    main()
