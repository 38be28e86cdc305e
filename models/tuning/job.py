"""Job file by which a chief tells its workers what to search."""

from collections.abc import Mapping
from typing import Any

JOB_FILE = "job.json"
STARTED_BY_CHIEF = "--with-chief"
DATA_DIGEST = "data_digest"
# Dotted path of what makes the search of a job; without one it is that over the settings of an experiment.
MAKER = "maker"
SETTINGS_SEARCH = "models.tuning.make_search:make_search"
_INPUTS = ("train_files", "eval_files", "transform_graph_path", "custom_config")


def job_of(fn_args: Any, data_digest: str) -> Mapping[str, Any]:
    """Returns what a worker needs to know, as JSON: paths that its machine must know, too."""
    return {**{name: getattr(fn_args, name) for name in _INPUTS}, DATA_DIGEST: data_digest}
