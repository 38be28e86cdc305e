"""A worker of a search: asks the chief for trials until there are no more.

`python -m models.tuning.worker FOLDER_OF_THE_SEARCH/job.json`, with the chief's address and port in the
environment variables `KERASTUNER_ORACLE_IP` and `KERASTUNER_ORACLE_PORT`, and a name of its own in
`KERASTUNER_TUNER_ID`.
"""

import ctypes
import json
import signal
import sys
from types import SimpleNamespace
from typing import Any

JOB_FILE = "job.json"
OF_THIS_CHIEF = "--with-chief"
DATA_DIGEST = "data_digest"
_PR_SET_PDEATHSIG = 1
_INPUTS = ("train_files", "eval_files", "transform_graph_path", "custom_config")


def job_of(fn_args: Any, data_digest: str) -> dict[str, Any]:
    """Returns what a worker needs to know, as JSON: paths that its machine must know, too."""
    return {**{name: getattr(fn_args, name) for name in _INPUTS}, DATA_DIGEST: data_digest}


def main() -> None:
    """Runs the worker of the job named on the command line."""
    if OF_THIS_CHIEF in sys.argv:
        # A chief that is killed takes its workers along.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with open(sys.argv[1], encoding="utf-8") as handle:
        job = json.load(handle)
    from models.tuner import make_search

    make_search(SimpleNamespace(**job)).search()


if __name__ == "__main__":
    main()
