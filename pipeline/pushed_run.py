"""Finds the run that pushed a model in the metadata store."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    with open_store(output) as store:
        return _run_that_pushed(output, model, store)


@contextmanager
def open_store(output: str) -> Iterator[metadata_store.MetadataStore]:
    """Opens the metadata store of an output folder to be read.

    Raises:
        InputError: There is none, or it cannot be read.
    """
    database = os.path.join(output, STORE_FILE)
    if not os.path.isfile(database):
        raise InputError(f"{output} holds no metadata.sqlite: name the output folder of `counterpoise run`.")
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = database
    connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    try:
        with explain_read_errors(database):
            try:
                store = metadata_store.MetadataStore(connection)
            except Exception as err:
                # The library raises RuntimeError here, and errors of its own elsewhere.
                raise InputError(explain_store_error(database, str(err))) from err
            yield store
    except errors.StatusError as err:
        raise InputError(f"{database} is damaged, or no metadata store. Run the experiment again.") from err


def _run_that_pushed(output: str, model: PushedModel, store: metadata_store.MetadataStore) -> PushedRun:
    version = model.version
    run = _run_of(store, version)
    if run is None:
        raise InputError(
            f"{os.path.join(output, STORE_FILE)} knows nothing of version {version}, {model.folder}. Name the output folder of the run that "
            "pushed it."
        )

    def folder_of(stage: str, artifact_type: str) -> str:
        return output_folder(store, run, stage, artifact_type, output)

    schema_stages = {"SchemaGen", "ImportSchemaGen"} & stages_of(store, run).keys()
    return PushedRun(
        version,
        model.folder,
        experiment_of(stages_of(store, run)["HtmlReport"]),
        folder_of("StatisticsGen", "ExampleStatistics"),
        folder_of(schema_stages.pop(), "Schema"),
        folder_of("Evaluator", "ModelEvaluation"),
        run == max(context.id for context in store.get_contexts_by_type("pipeline_run")),
    )


def experiment_of(report: metadata_store_pb2.Execution) -> Mapping[str, Any]:
    """Returns the whole experiment that an execution of HtmlReport was given."""
    text = report.properties["experiment"].string_value or report.custom_properties["experiment"].string_value
    settings: Mapping[str, Any] = json.loads(text)
    return settings


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


def stages_of(store: metadata_store.MetadataStore, run: int) -> dict[str, metadata_store_pb2.Execution]:
    """Returns stage to its last execution in a run."""
    executions = sorted(store.get_executions_by_context(run), key=lambda execution: execution.id)
    return {execution.type.rpartition(".")[2]: execution for execution in executions}


def output_folder(
    store: metadata_store.MetadataStore, run: int, stage: str, artifact_type: str, output: str
) -> str:
    """Returns where a stage's output of a type is now: the store keeps the path it was written to."""
    events = store.get_events_by_execution_ids([stages_of(store, run)[stage].id])
    written = store.get_artifacts_by_id([event.artifact_id for event in events if event.type in _OUTPUTS])
    [uri] = [artifact.uri for artifact in written if artifact.type == artifact_type]
    # artifacts/<stage>/<output>/<execution>
    inside = os.path.join(output, "artifacts", *uri.rstrip("/").split("/")[-3:])
    return inside if os.path.isdir(inside) else str(uri)
