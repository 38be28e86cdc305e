"""The DAG compiled without a cluster."""

import json

from tests.conftest import counterpoise


def test_every_stage_is_compiled_with_its_inputs(parts, tmp_path):
    output = tmp_path / "pipeline.json"
    words = ("--image", "registry/counterpoise:1", "--root", "gs://bucket/runs", "-o", output)
    done = counterpoise("compile", parts, *words)
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


def test_folder_of_the_output_must_exist(parts, tmp_path):
    done = counterpoise("compile", parts, "--image", "i", "--root", "r", "-o", tmp_path / "no" / "p.json")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
