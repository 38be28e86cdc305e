"""Finds the last finished run of an output folder, whether it pushed or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml_metadata.proto import metadata_store_pb2

from core.errors import InputError
from pipeline.pushed_run import experiment_of, open_store, output_folder, stages_of

_DONE = (metadata_store_pb2.Execution.COMPLETE, metadata_store_pb2.Execution.CACHED)


@dataclass(frozen=True)
class FinishedRun:
    """What a run left that a review needs.

    Attributes:
        experiment: The run's whole experiment.
        examples: Folder of the raw examples, a folder in it for each split.
        model: Folder of what DecisionCalibrator made; the SavedModel lies in it.
        model_run: Folder of what the Trainer wrote beside the model.
    """

    experiment: Mapping[str, Any]
    examples: str
    model: str
    model_run: str


def find_finished_run(output: str) -> FinishedRun:
    """Finds the last run whose report was written.

    One that was not blessed is a run like any other here: wrong labels may be why.

    Args:
        output: A run's output folder; it may have been moved since.

    Raises:
        InputError: No run of the folder came to its end, or nothing can be read of it.
    """
    with open_store(output) as store:
        runs = sorted((context.id for context in store.get_contexts_by_type("pipeline_run")), reverse=True)
        for run in runs:
            report = stages_of(store, run).get("HtmlReport")
            if report is not None and report.last_known_state in _DONE:
                return FinishedRun(
                    experiment_of(report),
                    output_folder(store, run, "StratifiedExampleGen", "Examples", output),
                    output_folder(store, run, "DecisionCalibrator", "Model", output),
                    output_folder(store, run, "Trainer", "ModelRun", output),
                )
    raise InputError(
        f"{output} holds no run that came to its end. Finish it by the same `counterpoise run`, then review it."
    )
