import json
from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from components.artifacts import ClassPriors, ImbalanceReport, Report
from components.html_report import component

CHANNELS = {
    "examples": standard_artifacts.Examples,
    "model_run": standard_artifacts.ModelRun,
    "model": standard_artifacts.Model,
    "evaluation": standard_artifacts.ModelEvaluation,
    "imbalance_report": ImbalanceReport,
    "class_priors": ClassPriors,
    "augmented_examples": standard_artifacts.Examples,
    "transform_graph": standard_artifacts.TransformGraph,
    "report": Report,
}


@pytest.fixture
def write_report(monkeypatch, write_artifacts):
    """Runs the stage over a made-up run and returns the folder it wrote; TFMA's part is stood in for."""

    def write(run) -> Path:
        folders = write_artifacts(run)

        def read_evaluation(uri, classes, label):
            assert (uri, classes, label) == (folders["evaluation"], run.training["classes"], "kind")
            return run.measured_on_test

        monkeypatch.setattr(component, "read_evaluation", read_evaluation)
        monkeypatch.setattr(component, "read_test_records", lambda uri: run.records)
        monkeypatch.setattr(component, "package_versions", dict)
        artifacts = {channel: CHANNELS[channel]() for channel in folders}
        for channel, artifact in artifacts.items():
            artifact.uri = folders[channel]
        component.HtmlReport.test_call(**artifacts, experiment=json.dumps(run.experiment), label="kind")
        return Path(folders["report"])

    return write


def test_page_and_document_are_written(six, write_report):
    folder = write_report(six)
    assert sorted(path.name for path in folder.iterdir()) == ["metrics.json", "report.html"]
    assert (folder / "report.html").read_text() == six.page
    text = (folder / "metrics.json").read_text()
    assert json.loads(text) == six.metrics
    assert text.endswith("}\n") and text.startswith(
        '{\n "version": 1,\n "name": "trashnet",\n "split": "test"'
    )


def test_names_outside_utf8_are_written(run_of, write_report):
    lone_surrogate = b"caf\xe9".decode("utf-8", errors="surrogateescape")
    run = run_of([lone_surrogate, "Straße"], [60, 20])
    run.split_summary["skipped"] = [{"where": lone_surrogate + ".png", "why": "is empty"}]
    folder = write_report(run)
    assert list(json.loads((folder / "metrics.json").read_text())["per_class"]) == [lone_surrogate, "Straße"]
    assert "Straße" in (folder / "metrics.json").read_text()
    assert r"caf\udce9.png" in (folder / "report.html").read_text()


def test_the_signature_is_the_contract():
    specification = component.HtmlReport.SPEC_CLASS
    assert set(specification.INPUTS) == {
        "examples",
        "model_run",
        "model",
        "evaluation",
        "imbalance_report",
        "class_priors",
        "augmented_examples",
        "transform_graph",
        "tuner_results",
        "strategies",
        "infra_blessing",
        "contenders",
    }
    assert set(specification.OUTPUTS) == {"report"}
    assert set(specification.PARAMETERS) == {"experiment", "label", "explain_fn"}
    assert Report.TYPE_NAME == "counterpoise.Report"
