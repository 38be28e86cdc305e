"""Publishes a finished run's results: copies them from the stages' artifacts to the output folder."""

import contextlib
import os
from dataclasses import dataclass

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.evaluation.result import read_test_records
from core.documents.metrics import Metrics, Seconds
from core.documents.strategies import Strategies
from core.documents.unlabelled_summary import UnlabelledSummary
from core.file_names import (
    PREDICTIONS_TABLE,
    REPORT_PAGE,
    SPLITS_TABLE,
    STRATEGIES_TABLE,
    TEST_RECORDS,
    TRIALS_TABLE,
)
from models.serving.pusher import put_version, same_content
from pipeline.output.atomic_files import copy_atomically, write_atomically
from pipeline.output.output_error import OutputError

_OUTPUT = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.INTERNAL_OUTPUT)


@dataclass(frozen=True)
class PublishedResults:
    """What a finished run came to.

    Attributes:
        metrics: What it measured.
        pushed: Folder of the pushed version, or None.
        predictions: The table of answers to new data, or None.
        new_data_left_out: Sentences about new records that have no answer.
    """

    metrics: Metrics
    pushed: str | None
    predictions: str | None
    new_data_left_out: list[str]


def publish_results(
    connection: metadata_store_pb2.ConnectionConfig, run_id: str, output: str, seconds: Seconds
) -> PublishedResults:
    """Copies report, metrics and the tables of splits, trials and test records to where people look for them.

    Args:
        connection: The metadata store.
        run_id: The run whose artifacts are taken.
        output: The run's output folder.
        seconds: Time of the run, and of each of its stages.
    """
    store = metadata_store.MetadataStore(connection)
    [context] = [one for one in store.get_contexts_by_type("pipeline_run") if one.name == run_id]
    artifacts = store.get_artifacts_by_context(context.id)
    [report] = [artifact.uri for artifact in artifacts if artifact.type == "counterpoise.Report"]
    [pushed_model] = [artifact for artifact in artifacts if artifact.type == "PushedModel"]
    splits = os.path.join(_output_of("StratifiedExampleGen", "Examples", store, context.id).uri, SPLITS_TABLE)
    copy_atomically(os.path.join(report, REPORT_PAGE), os.path.join(output, REPORT_PAGE))
    copy_atomically(splits, os.path.join(output, SPLITS_TABLE))
    compared = [one.uri for one in artifacts if one.type == "counterpoise.Strategies"]
    for name in (STRATEGIES_TABLE, Strategies.FILE_NAME):
        publish_table(name, compared, output)
    publish_table(TRIALS_TABLE, [one.uri for one in artifacts if one.type == "TunerResults"], output)
    records = read_test_records(_output_of("Evaluator", "ModelEvaluation", store, context.id).uri)
    if records is not None:
        write_atomically(records.to_bytes(), os.path.join(output, TEST_RECORDS))
    metrics = Metrics.read(report).finished(seconds)
    write_atomically(metrics.to_bytes(), Metrics.path(output))
    tables = [one.uri for one in artifacts if one.type == "counterpoise.Predictions"]
    left_out: list[str] = []
    if tables:
        new_examples = _output_of("UnlabelledExampleGen", "Examples", store, context.id)
        left_out = UnlabelledSummary.read(new_examples.uri).sentences()
    return PublishedResults(
        metrics=metrics,
        pushed=restore_push(pushed_model),
        predictions=publish_table(PREDICTIONS_TABLE, tables, output),
        new_data_left_out=left_out,
    )


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
