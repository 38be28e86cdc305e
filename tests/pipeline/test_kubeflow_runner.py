"""The DAG compiled without a cluster."""

import json

import pytest

from pipeline.config import load_experiment
from pipeline.kubeflow_runner import compile_pipeline
from tests.conftest import counterpoise, counterpoise_here


def test_every_stage_is_compiled_with_its_inputs(parts, tmp_path):
    output = tmp_path / "pipeline.json"
    words = ("--image", "registry/counterpoise:1", "--root", "gs://bucket/runs", "-o", output)
    done = counterpoise_here("compile", parts, *words)
    assert done.returncode == 0, done.stderr
    compiled = json.loads(output.read_text())
    tasks = compiled["pipelineSpec"]["root"]["dag"]["tasks"]
    assert (
        tasks["Trainer"]["inputs"]["artifacts"]["transform_graph"]["taskOutputArtifact"]["producerTask"]
        == "Transform"
    )
    assert set(tasks) >= {"StratifiedExampleGen", "Transform", "Trainer", "Evaluator", "Pusher", "HtmlReport"}
    trained_on = tasks["Trainer"]["inputs"]["artifacts"]["examples"]["taskOutputArtifact"]
    assert trained_on["producerTask"] == "MinorityAugmenter"
    assert compiled["runtimeConfig"]["gcsOutputDirectory"] == "gs://bucket/runs/parts/artifacts"
    executors = compiled["pipelineSpec"]["deploymentSpec"]["executors"].values()
    images = {one["container"]["image"] for one in executors if "container" in one}
    assert "registry/counterpoise:1" in images


@pytest.mark.slow
def test_nothing_of_libraries_is_said_on_the_terminal(parts, tmp_path):
    output = tmp_path / "pipeline.json"
    done = counterpoise("compile", parts, "--image", "image", "--root", "gs://bucket", "-o", output)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [str(output)], "")


def test_stages_that_score_new_data_are_compiled_too(parts, tmp_path):
    output = tmp_path / "pipeline.json"
    experiment = load_experiment(str(parts), ["bulk_inference.path=new.csv"])
    compile_pipeline(experiment, str(output), "i", "gs://bucket/runs", [])
    dag = json.loads(output.read_text())["pipelineSpec"]
    tasks = dag["root"]["dag"]["tasks"]

    def producer(task, name):
        return tasks[task]["inputs"]["artifacts"][name]["taskOutputArtifact"]["producerTask"]

    assert producer("UnlabelledExampleGen", "schema") == "SchemaGen"
    assert producer("BulkInferrer", "examples") == "UnlabelledExampleGen"
    assert producer("BulkInferrer", "model") == "DecisionCalibrator"
    assert producer("PredictionTable", "pushed_model") == "Pusher"
    # Its driver takes the fingerprint of the new data.
    container = dag["deploymentSpec"]["executors"]["UnlabelledExampleGen_executor"]["container"]
    assert "file_based_example_gen.driver" in str(container["lifecycle"])


def test_folder_of_the_output_must_exist(parts, tmp_path):
    done = counterpoise_here(
        "compile", parts, "--image", "i", "--root", "r", "-o", tmp_path / "no" / "p.json"
    )
    assert done.returncode == 2
    assert "does not exist" in done.stderr
