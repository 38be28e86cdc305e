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

from models.catalogue.row import load
from models.tuning.job import MAKER, SETTINGS_SEARCH, STARTED_BY_CHIEF

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Runs the worker of the job named on the command line."""
    if STARTED_BY_CHIEF in sys.argv:
        # A chief that is killed takes its workers along.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with open(sys.argv[1], encoding="utf-8") as handle:
        job = json.load(handle)
    make_search = load(job.pop(MAKER, SETTINGS_SEARCH))
    make_search(SimpleNamespace(**job)).search()


if __name__ == "__main__":
    main()
