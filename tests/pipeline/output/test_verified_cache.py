"""What comes from cache, in runs of two small stages."""

import shutil
from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from pipeline.observed_dag_runner import ObservedDagRunner
from pipeline.output.output_error import OutputError


@component
def WriteData(examples: OutputArtifact[standard_artifacts.Examples], data: Parameter[str]):
    (Path(examples.uri) / "data").write_text(data)


@component
def CopyData(
    examples: InputArtifact[standard_artifacts.Examples], model: OutputArtifact[standard_artifacts.Model]
):
    shutil.copytree(examples.uri, Path(model.uri) / "copy")


@pytest.fixture
def run(tmp_path):
    """Runs the two stages; returns their states and the notes for people."""

    def both(data: str = "records") -> tuple[dict[str, str], list[str]]:
        events = []
        written = WriteData(data=data)
        ObservedDagRunner(lambda **event: events.append(event)).run(
            Pipeline(
                pipeline_name="cached",
                pipeline_root=str(tmp_path / "artifacts"),
                components=[written, CopyData(examples=written.outputs["examples"])],
                enable_cache=True,
                metadata_connection_config=metadata.sqlite_metadata_connection_config(
                    str(tmp_path / "metadata.sqlite")
                ),
            )
        )
        states = {event["stage"]: event["state"] for event in events if event["kind"] == "stage"}
        return states, [event["text"] for event in events if event["kind"] == "note"]

    return both


DONE, CACHED = ({"WriteData": state, "CopyData": state} for state in ("done", "cached"))


def test_whole_output_comes_from_cache(run):
    assert run() == (DONE, [])
    assert run() == (CACHED, [])


@pytest.mark.parametrize("harm", ["empty", "alter", "add"])
def test_damaged_output_is_named_and_made_again(run, tmp_path, harm):
    run()
    [folder] = (tmp_path / "artifacts" / "WriteData" / "examples").iterdir()
    if harm == "empty":
        (folder / "data").unlink()
    else:
        (folder / ("data" if harm == "alter" else "data-2")).write_text("RECORDS")
    states, notes = run()
    assert states == DONE
    [note] = notes
    assert note.startswith("WriteData runs again") and str(folder) in note
    again = sorted((tmp_path / "artifacts" / "CopyData" / "model").iterdir(), key=lambda path: int(path.name))
    assert [path.read_text() for path in again[-1].rglob("*") if path.is_file()] == ["records"]
    assert run() == (CACHED, [])


def test_a_stage_after_whole_output_is_made_again_alone(run, tmp_path):
    run()
    [folder] = (tmp_path / "artifacts" / "CopyData" / "model").iterdir()
    shutil.rmtree(folder / "copy")
    states, [note] = run()
    assert states == {"WriteData": "cached", "CopyData": "done"}
    assert f"{folder / 'copy' / 'data'} is gone" in note


def test_a_stage_does_not_mix_its_output_with_what_lies_there(run, tmp_path):
    run()
    (tmp_path / "metadata.sqlite").unlink()
    with pytest.raises(OutputError, match="WriteData was to write to"):
        run()
    [folder] = (tmp_path / "artifacts" / "WriteData" / "examples").iterdir()
    assert (folder / "data").read_text() == "records"


def test_temporary_files_of_stages_do_not_lie_among_the_artifacts(run, tmp_path):
    run()
    assert not list(tmp_path.rglob(".temp"))
