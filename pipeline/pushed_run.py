"""Finds the run that pushed a model in the metadata store."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml_metadata import errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from core.errors import InputError
from pipeline.output.read_errors import explain_read_errors
from pipeline.output.store_check import STORE_FILE, explain_store_error
from pipeline.pushed_model import PushedModel, find_pushed_model

_OUTPUTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.INTERNAL_OUTPUT)


@dataclass(frozen=True)
class PushedRun:
    """The newest pushed model and what its run left.

    Attributes:
        version: Of the model.
        model: Folder of its SavedModel.
        experiment: The run's whole experiment.
        statistics: Folder of StatisticsGen's output.
        schema: Folder of the schema.
        evaluation: Folder of the Evaluator's result.
        is_last: Whether no run began after it, so that what lies in the output folder is its own.
    """

    version: int
    model: str
    experiment: Mapping[str, Any]
    statistics: str
    schema: str
    evaluation: str
    is_last: bool


def find_pushed_run(output: str) -> PushedRun:
    """Finds the run that pushed the newest version.

    Args:
        output: A run's output folder; it may have been moved since.

    Raises:
        InputError: There is no pushed model, or nothing is known of its run.
    """
    model = find_pushed_model(output)
    database = os.path.join(output, STORE_FILE)
    if not os.path.isfile(database):
        raise InputError(f"{output} holds no metadata.sqlite: name the output folder of `counterpoise run`.")
    try:
        with explain_read_errors(database):
            return _run_that_pushed(output, model, database)
    except errors.StatusError as err:
        raise InputError(f"{database} is damaged, or no metadata store. Run the experiment again.") from err


def _run_that_pushed(output: str, model: PushedModel, database: str) -> PushedRun:
    version = model.version
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = database
    connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    try:
        store = metadata_store.MetadataStore(connection)
    except Exception as err:
        # The library raises RuntimeError here, and errors of its own elsewhere.
        raise InputError(explain_store_error(database, str(err))) from err
    run = _run_of(store, version)
    if run is None:
        raise InputError(
            f"{database} knows nothing of version {version}, {model.folder}. Name the output folder of the run that "
            "pushed it."
        )

    def folder_of(stage: str, artifact_type: str) -> str:
        return _moved(_output_uri(store, run, stage, artifact_type), output)

    schema_stages = {"SchemaGen", "ImportSchemaGen"} & _stages(store, run).keys()
    report = _stages(store, run)["HtmlReport"]
    return PushedRun(
        version,
        model.folder,
        json.loads(report.properties["experiment"].string_value or _custom(report)),
        folder_of("StatisticsGen", "ExampleStatistics"),
        folder_of(schema_stages.pop(), "Schema"),
        folder_of("Evaluator", "ModelEvaluation"),
        run == max(context.id for context in store.get_contexts_by_type("pipeline_run")),
    )


def _custom(execution: metadata_store_pb2.Execution) -> str:
    return str(execution.custom_properties["experiment"].string_value)


def _run_of(store: metadata_store.MetadataStore, version: int) -> int | None:
    """Returns the context of the last run whose Pusher put out a version; a run from cache put it out again."""
    pushed = [
        artifact.id
        for artifact in store.get_artifacts_by_type("PushedModel")
        if artifact.custom_properties["pushed"].int_value
        and artifact.custom_properties["pushed_version"].string_value == str(version)
    ]
    if not pushed:
        return None
    written = [
        event.execution_id
        for event in store.get_events_by_artifact_ids([max(pushed)])
        if event.type in _OUTPUTS
    ]
    contexts = [
        context.id
        for execution in written
        for context in store.get_contexts_by_execution(execution)
        if context.type == "pipeline_run"
    ]
    return max(contexts, default=None)


def _stages(store: metadata_store.MetadataStore, run: int) -> dict[str, metadata_store_pb2.Execution]:
    executions = sorted(store.get_executions_by_context(run), key=lambda execution: execution.id)
    return {execution.type.rpartition(".")[2]: execution for execution in executions}


def _output_uri(store: metadata_store.MetadataStore, run: int, stage: str, artifact_type: str) -> str:
    events = store.get_events_by_execution_ids([_stages(store, run)[stage].id])
    written = store.get_artifacts_by_id([event.artifact_id for event in events if event.type in _OUTPUTS])
    [uri] = [artifact.uri for artifact in written if artifact.type == artifact_type]
    return str(uri)


def _moved(uri: str, output: str) -> str:
    """Returns where an artifact is now: the store keeps the path it was written to."""
    # artifacts/<stage>/<output>/<execution>
    inside = os.path.join(output, "artifacts", *uri.rstrip("/").split("/")[-3:])
    return inside if os.path.isdir(inside) else uri
