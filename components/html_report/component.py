"""HtmlReport: writes what a run measured, as a page for people and a document for programs."""

import json
import os
from typing import Any

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts

from components.artifacts import ImbalanceReport, Report
from components.html_report.evaluation_result import read_evaluation
from components.html_report.gallery import class_gallery, image_feature
from components.html_report.metrics_json import assemble_metrics
from components.html_report.report import render_report


@component
def HtmlReport(
    examples: InputArtifact[standard_artifacts.Examples],
    model_run: InputArtifact[standard_artifacts.ModelRun],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    imbalance_report: InputArtifact[ImbalanceReport],
    report: OutputArtifact[Report],
    experiment: Parameter[str],
    label: Parameter[str],
) -> None:
    """Writes `report.html` and `metrics.json` into the folder of `report`.

    Args:
        examples: The split records; their folder holds `split_summary.json`.
        model_run: The Trainer's log; its folder holds `training.json` and `history.json`.
        evaluation: TFMA's result on the test split.
        imbalance_report: What was found in the data; its folder holds `report.json`.
        report: Where the two files go.
        experiment: The whole experiment as one JSON string, with its `name`.
        label: Name of the feature that holds the class.
    """
    settings = json.loads(experiment)
    split_summary = _read_json(examples.uri, "split_summary.json")
    training = _read_json(model_run.uri, "training.json")
    history = _read_json(model_run.uri, "history.json")
    metrics = assemble_metrics(
        settings["name"], read_evaluation(evaluation.uri, training["classes"], label), split_summary, training
    )
    image = image_feature(settings)
    train = os.path.join(examples.uri, "Split-train")
    gallery = class_gallery(train, label, image, training["classes"]) if image else None
    imbalance = _read_json(imbalance_report.uri, "report.json")
    page = render_report(metrics, split_summary, training, history, settings, gallery, imbalance)
    fileio.makedirs(report.uri)
    _write(report.uri, "report.html", page)
    _write(
        report.uri, "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def _read_json(folder: str, name: str) -> Any:
    with fileio.open(os.path.join(folder, name), "rb") as file:
        return json.loads(file.read())


def _write(folder: str, name: str, text: str) -> None:
    with fileio.open(os.path.join(folder, name), "wb") as file:
        # A file name that is not UTF-8 arrives as lone surrogates, which UTF-8 cannot hold: `\udcff` can,
        # and JSON reads it back as the same character.
        file.write(text.encode("utf-8", errors="backslashreplace"))
