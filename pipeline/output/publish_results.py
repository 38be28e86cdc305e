"""Publishes a finished run's results: copies them from the stages' artifacts to the output folder."""

import contextlib
import json
import os
from typing import Any, TypedDict

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.evaluation.result import read_test_records
from components.prediction_table.component import PREDICTIONS_FILE
from components.unlabelled_example_gen.component import SUMMARY_FILE
from models.serving.pusher import put_version, same_content
from pipeline.compare_runs import RECORDS_FILE
from pipeline.output.atomic_files import copy_atomically, write_atomically
from pipeline.output.output_error import OutputError

TRIALS_FILE = "tuning.csv"
_OUTPUT = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.INTERNAL_OUTPUT)


class StageSeconds(TypedDict):
    """Seconds that a run took: `total`, and of each stage by its name."""

    total: float
    stages: dict[str, float]


class PublishedResults(TypedDict):
    """What a finished run tells the terminal.

    `metrics` is the document written; `pushed` the pushed version's folder, or None; `predictions` the table of answers
    to new data, or None; `new_data_left_out` sentences about new records that have no answer.
    """

    metrics: dict[str, Any]
    pushed: str | None
    predictions: str | None
    new_data_left_out: list[str]


def publish_results(
    connection: metadata_store_pb2.ConnectionConfig, run_id: str, output: str, seconds: StageSeconds
) -> PublishedResults:
    """Copies report, metrics and the tables of splits, trials and test records to where people look for them.

    Args:
        connection: The metadata store.
        run_id: The run whose artifacts are taken.
        output: The run's output folder.
        seconds: Becomes the field `seconds` of metrics.json.
    """
    store = metadata_store.MetadataStore(connection)
    [context] = [one for one in store.get_contexts_by_type("pipeline_run") if one.name == run_id]
    artifacts = store.get_artifacts_by_context(context.id)
    [report] = [artifact.uri for artifact in artifacts if artifact.type == "counterpoise.Report"]
    [pushed_model] = [artifact for artifact in artifacts if artifact.type == "PushedModel"]
    splits = os.path.join(_output_of("StratifiedExampleGen", "Examples", store, context.id).uri, "splits.csv")
    copy_atomically(os.path.join(report, "report.html"), os.path.join(output, "report.html"))
    copy_atomically(splits, os.path.join(output, "splits.csv"))
    publish_table(TRIALS_FILE, [one.uri for one in artifacts if one.type == "TunerResults"], output)
    records = read_test_records(_output_of("Evaluator", "ModelEvaluation", store, context.id).uri)
    if records is not None:
        write_atomically(records.to_bytes(), os.path.join(output, RECORDS_FILE))
    with open(os.path.join(report, "metrics.json"), encoding="utf-8") as handle:
        metrics = json.load(handle)
    stages = {name: round(value, 2) for name, value in seconds["stages"].items()}
    metrics["seconds"] = {
        "total": round(seconds["total"], 2),
        "stages": stages,
        **pop_contender_seconds(metrics),
    }
    document = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(document.encode(), os.path.join(output, "metrics.json"))
    tables = [one.uri for one in artifacts if one.type == "counterpoise.Predictions"]
    left_out: list[str] = []
    if tables:
        new_examples = _output_of("UnlabelledExampleGen", "Examples", store, context.id)
        left_out = _left_out(new_examples.uri)
    return {
        "metrics": metrics,
        "pushed": restore_push(pushed_model),
        "predictions": publish_table(PREDICTIONS_FILE, tables, output),
        "new_data_left_out": left_out,
    }


def pop_contender_seconds(metrics: dict[str, Any]) -> dict[str, Any]:
    """Takes the contenders' seconds out of `metrics.json`, so that what is left is equal in equal runs.

    Returns:
        `contenders`, name to seconds; nothing where there are none.
    """
    taken = {
        name: result.pop("seconds") for name, result in metrics["contenders"].items() if "seconds" in result
    }
    return {"contenders": taken} if taken else {}


def publish_table(name: str, folders: list[str], output: str) -> str | None:
    """Copies a table that not every run makes, or removes that of an earlier run, which would pass for this one's.

    Args:
        name: The file's.
        folders: Where the run's stage wrote, none or one; it may have written nothing.
        output: The run's output folder.

    Returns:
        The copy, or None.
    """
    place = os.path.join(output, name)
    for made in [os.path.join(folder, name) for folder in folders]:
        if os.path.exists(made):
            copy_atomically(made, place)
            return place
    with contextlib.suppress(FileNotFoundError):
        os.remove(place)
    return None


def _left_out(folder: str) -> list[str]:
    with open(os.path.join(folder, SUMMARY_FILE), encoding="utf-8") as handle:
        summary = json.load(handle)
    return [f"{key} {why}" for key, why in (*summary["left_out"], *summary["files_left_out"])]


def _output_of(
    stage: str, artifact_type: str, store: metadata_store.MetadataStore, context_id: int
) -> metadata_store_pb2.Artifact:
    """Returns a stage's output of a type; among the run's artifacts are also the last run's, looked up to compare."""
    executions = [
        execution.id
        for execution in store.get_executions_by_context(context_id)
        if execution.type.rpartition(".")[2] == stage
    ]
    written = store.get_artifacts_by_id(
        {
            event.artifact_id
            for event in store.get_events_by_execution_ids(executions)
            if event.type in _OUTPUT
        }
    )
    [artifact] = [one for one in written if one.type == artifact_type]
    return artifact


def restore_push(pushed_model: metadata_store_pb2.Artifact) -> str | None:
    """Returns the pushed version's folder; where the push came from cache and is gone, copies it back.

    Raises:
        OutputError: Something else lies there now.
    """
    if not pushed_model.custom_properties["pushed"].int_value:
        return None
    place = pushed_model.custom_properties["pushed_destination"].string_value
    folder, version = os.path.split(place)
    if not os.path.exists(place):
        return put_version(pushed_model.uri, folder, int(version))
    if not same_content(pushed_model.uri, place):
        raise OutputError(
            f"{place} is no longer the model that was pushed there. Move it away, and the same command puts the model back."
        )
    return place
