from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from pipeline.observed_dag_runner import ObservedDagRunner
from pipeline.previous_examples import CURRENT, PREVIOUS, PreviousExamplesStrategy, previous_examples
from tests.conftest import states_of_last_run


def resolve(current: list[int], every: list[int]) -> list[int]:
    def artifacts(ids: list[int]) -> list[Any]:
        made = []
        for number in ids:
            artifact = standard_artifacts.Examples()
            artifact.id = number
            made.append(artifact)
        return made

    inputs = {CURRENT: artifacts(current), PREVIOUS: artifacts(every)}
    resolved = PreviousExamplesStrategy().resolve_artifacts(None, inputs)
    assert [artifact.id for artifact in resolved[CURRENT]] == current
    return [artifact.id for artifact in resolved[PREVIOUS]]


@pytest.mark.parametrize(
    ("current", "every", "previous"),
    [
        ([1], [1], []),  # the first run, and the same run again
        ([9], [1, 9], [1]),  # other data, and the same run again
        ([1], [9, 1], [9]),  # back to the first data, whose examples come from cache
        ([12], [1, 12, 9], [9]),
        ([], [], []),
    ],
)
def test_the_latest_of_the_other_examples_is_taken(current, every, previous):
    assert resolve(current, every) == previous


# === In a run ===


@component
def WriteData(examples: OutputArtifact[standard_artifacts.Examples], data: Parameter[str]):
    (Path(examples.uri) / "data").write_text(data)


def run(folder: Path, data: str) -> None:
    written = WriteData(data=data)
    ObservedDagRunner(lambda **event: None).run(
        Pipeline(
            pipeline_name="history",
            pipeline_root=str(folder / "artifacts"),
            components=[written, previous_examples(written.outputs["examples"])],
            enable_cache=True,
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                str(folder / "metadata.sqlite")
            ),
        )
    )


def found_by_last_run(folder: Path) -> set[str]:
    """Reads the data that the last run's node gives to the stages behind it."""
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(folder / "metadata.sqlite")
    store = metadata_store.MetadataStore(connection)
    last = max(
        store.get_executions_by_type("tfx.dsl.components.common.resolver.Resolver"), key=lambda one: one.id
    )
    found = [
        event.artifact_id
        for event in store.get_events_by_execution_ids([last.id])
        if event.path.steps[0].key == PREVIOUS
    ]
    return {(Path(artifact.uri) / "data").read_text() for artifact in store.get_artifacts_by_id(found)}


def test_node_is_complete_with_and_without_earlier_data(tmp_path):
    found = []
    for data in ("first", "first", "second", "second", "first"):
        run(tmp_path, data)
        assert states_of_last_run(tmp_path)["Resolver"] == "COMPLETE"
        found.append(found_by_last_run(tmp_path))
    assert found == [set(), set(), {"first"}, {"first"}, {"second"}]
