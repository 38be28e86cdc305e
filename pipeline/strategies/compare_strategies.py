"""First of the two pipelines of a comparison of strategies: it finds out which experiment the second one runs."""

import os
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from ml_metadata.proto import metadata_store_pb2

from core.documents.strategies import Strategies
from core.file_names import BEST_EXPERIMENT, STRATEGIES_TABLE
from core.strategy_plan import StrategyPlan
from pipeline.config import Experiment
from pipeline.observed_dag_runner import ObservedDagRunner
from pipeline.output.atomic_files import copy_atomically, write_atomically
from pipeline.pipeline import Paths, StrategyStage, create_pipeline
from pipeline.strategies.best_experiment import best_experiment, best_text


def compare_strategies(
    job: Mapping[str, Any],
    plain: Experiment,
    paths: Paths,
    connection: metadata_store_pb2.ConnectionConfig,
    send: Callable[..., None],
) -> tuple[Experiment, StrategyStage]:
    """Runs the stages up to the search, and writes the experiment of the strategies that pay.

    The results are there before anything else is trained, and stay whatever becomes of it.

    Args:
        job: What the working process was asked for.
        plain: The experiment with plain cross entropy.
        paths: Where the files go.
        connection: The metadata store.
        send: Reports progress.

    Returns:
        The experiment to run, and the search as a stage of its pipeline, which takes it from the cache.
    """
    plan = StrategyPlan.model_validate(job["plan"])
    pipeline = create_pipeline(
        plain, paths, job["beam_args"], strategies=StrategyStage(plain, plan, comes_last=True)
    )
    pipeline.metadata_connection_config = connection
    folders: list[str] = []
    ObservedDagRunner(send, {"StrategySearch": folders.append}).run(pipeline)
    [folder] = folders
    found = Strategies.read(folder)
    best = best_experiment(plain, plan, found)
    output, place = job["output"], os.path.join(job["output"], BEST_EXPERIMENT)
    for name in (STRATEGIES_TABLE, Strategies.FILE_NAME):
        copy_atomically(os.path.join(folder, name), os.path.join(output, name))
    for path in (place, job["best"]):
        if path is not None:
            text = best_text(best, plan, found, f"counterpoise run {shlex.quote(path)}")
            write_atomically(text.encode(), path)
    send(kind="strategies", found=found.to_json(), best=job["best"] or place)
    return best, StrategyStage(plain, plan, comes_last=False)
