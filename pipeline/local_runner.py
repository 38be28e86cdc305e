"""Runs the DAG on this machine by TFX's LocalDagRunner over a SQLite metadata store, and reports its progress.

This module is the program of the process that does the work. The process that started it shows the
progress; the two speak through a pipe, one JSON object a line.
"""

import contextlib
import ctypes
import functools
import gc
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from core.documents.metrics import Seconds
from core.documents.split_summary import SplitSummary
from core.errors import DocumentError, InputError
from core.late_imports import import_late
from core.progress_events import LOGGER_NAME
from pipeline.config import Experiment
from pipeline.explain_failure import explain_failure
from pipeline.output.store_check import STORE_FILE

Send = Callable[..., None]
_PR_SET_PDEATHSIG = 1
# What TFX and Beam import for services that no run on this machine calls, and what few experiments ask for.
_SELDOM_USED = (
    "components.minority_augmenter.samplers",
    "google.cloud.bigquery",
    "google.cloud.pubsub",
    "googleapiclient.discovery",
    "imblearn",
    "tfx.components.infra_validator.model_server_runners.kubernetes_runner",
    "tqdm.notebook",
)
# Of objects made since the last collection; Python's own, 700, has it go through the graphs all the time.
_COLLECTED_EVERY = 20_000


def main() -> None:
    """Reads a job from standard input, runs it, and sends events.

    The command line names the pipe they go to, and the process that reads them.
    """
    # Without its parent nobody would hear of this run, and it would hold the output folder's lock.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[2]):
        # It ended before the kernel was told.
        return
    job = json.load(sys.stdin)
    pipe = os.fdopen(int(sys.argv[1]), "w", buffering=1)

    def send(**event: Any) -> None:
        pipe.write(json.dumps(event) + "\n")

    progress = logging.getLogger(LOGGER_NAME)
    progress.setLevel(logging.INFO)
    progress.addHandler(_Forward(send))
    try:
        _run(job, send)
    except DocumentError as error:
        # Of an earlier run's output; neither the experiment nor the data are at fault.
        send(kind="failure", message=str(error))
        _log_traceback()
    except InputError as error:
        send(kind="input_error", message=str(error))
        _log_traceback()
    except Exception as error:
        send(kind="failure", message=explain_failure(error, job["output"]))
        _log_traceback()


def _log_traceback() -> None:
    # The log may be on the disk that is full.
    with contextlib.suppress(OSError):
        traceback.print_exc()


class _Forward(logging.Handler):
    def __init__(self, send: Send):
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send(**record.event)  # type: ignore[attr-defined]


def _run(job: Mapping[str, Any], send: Send) -> None:
    # Imported here, because this takes a dozen seconds in which the parent already shows that it waits.
    import_late(_SELDOM_USED)
    # Half a million objects come to stay, and no collection need look at them.
    gc.disable()
    from components.serving_validator.fresh_process import prepare_fresh_process

    prepare_fresh_process()
    from absl import logging as absl_logging
    from tfx.orchestration import metadata

    from pipeline.observed_dag_runner import ObservedDagRunner
    from pipeline.output.publish_results import publish_results
    from pipeline.output.store_connection import check_store_opens
    from pipeline.pipeline import Paths, create_pipeline

    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)
    gc.enable()
    absl_logging.set_verbosity(absl_logging.INFO)
    start = time.monotonic()
    experiment, output, strategies = Experiment.model_validate(job["experiment"]), job["output"], None
    paths = Paths(os.path.join(output, "artifacts"), os.path.join(output, "serving"))
    connection = metadata.sqlite_metadata_connection_config(os.path.join(output, STORE_FILE))
    check_store_opens(connection)
    if job["plan"] is not None:
        from pipeline.strategies.compare_strategies import compare_strategies

        experiment, strategies = compare_strategies(job, experiment, paths, connection, send)
    pipeline = create_pipeline(experiment, paths, job["beam_args"], strategies=strategies)
    pipeline.metadata_connection_config = connection
    runner = ObservedDagRunner(send, {"StratifiedExampleGen": functools.partial(_send_account, send)})
    runner.run(pipeline)
    seconds = Seconds(total=time.monotonic() - start, stages=runner.seconds)
    published = publish_results(connection, runner.run_id, output, seconds)
    send(kind="result", **vars(published) | {"metrics": published.metrics.to_json()})


def _send_account(send: Send, examples: str) -> None:
    """Tells what became of the data while there is still time to stop."""
    summary = SplitSummary.read(examples)
    # What an earlier release left in the cache may hold none.
    if summary.account is not None:
        send(kind="account", summary=summary.to_json())


if __name__ == "__main__":
    main()
