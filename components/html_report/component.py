"""HtmlReport: writes what a run measured, as a page for people and a document for programs."""

import json
import os
from typing import Any

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components.artifacts import ClassPriors, ContenderResults, ImbalanceReport, Report
from components.evaluation.result import read_evaluation, read_test_records
from components.html_report.contenders import with_contenders
from components.html_report.metrics_json import assemble_metrics
from components.html_report.report import ReportInputs, render_report
from components.html_report.search_gain import read_gain
from components.html_report.sections.explanations import explain
from components.html_report.sections.gallery import class_gallery, image_feature
from components.html_report.sections.headline import rarest_first
from components.html_report.sections.model_card import package_versions
from components.html_report.sections.projection import project_rows
from components.html_report.sections.synthetic_gallery import synthetic_gallery
from components.html_report.sections.worst_records import worst_records
from components.html_report.serving import with_serving

# Where DecisionCalibrator leaves it inside a SavedModel.
DECISION = os.path.join("assets.extra", "decision.json")


@component
def HtmlReport(
    examples: InputArtifact[standard_artifacts.Examples],
    model_run: InputArtifact[standard_artifacts.ModelRun],
    model: InputArtifact[standard_artifacts.Model],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    imbalance_report: InputArtifact[ImbalanceReport],
    class_priors: InputArtifact[ClassPriors],
    augmented_examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    report: OutputArtifact[Report],
    experiment: Parameter[str],
    label: Parameter[str],
    explain_fn: Parameter[str] = "",
    tuner_results: InputArtifact[standard_artifacts.TunerResults] = None,
    infra_blessing: InputArtifact[standard_artifacts.InfraBlessing] = None,
    contenders: InputArtifact[ContenderResults] = None,
) -> None:
    """Writes `report.html` and `metrics.json` into the folder of `report`.

    Args:
        examples: The split records; their folder holds `split_summary.json`.
        model_run: The Trainer's log; its folder holds `training.json` and `history.json`.
        model: What DecisionCalibrator made; `assets.extra/decision.json` in it says how it decides.
        evaluation: TFMA's result on the test split.
        imbalance_report: What was found in the data; its folder holds `report.json`.
        class_priors: What augmentation did to the classes; its folder holds `priors.json`.
        augmented_examples: The transformed splits, with synthetic records in train.
        transform_graph: Transform's graph, for `explain_fn`.
        report: Where the two files go.
        experiment: The whole experiment as one JSON string, with its `name`.
        label: Name of the feature that holds the class.
        explain_fn: Dotted path of the function that tells what the model looked at, called as
            `components.html_report.sections.explanations.ExplainFn` says; an empty one leaves that out.
        tuner_results: What the Tuner found, where it ran; its folder holds `tuning.json`.
        infra_blessing: Whether the exported model is fit for serving; its folder holds `report.json`.
        contenders: What plain baselines reached, where any were asked for; its folder holds `contenders.json`.
    """
    settings = json.loads(experiment)
    split_summary = _read_json(examples.uri, "split_summary.json")
    training = _read_json(model_run.uri, "training.json")
    history = _read_json(model_run.uri, "history.json")
    priors = _read_json(class_priors.uri, "priors.json")
    metrics = assemble_metrics(
        settings["name"],
        read_evaluation(evaluation.uri, training["classes"], label),
        training,
        priors,
        _read_json(path_utils.serving_model_path(model.uri), DECISION),
    )
    if infra_blessing is not None:
        metrics = with_serving(metrics, _read_json(infra_blessing.uri, "report.json"))
    if contenders is not None:
        metrics = with_contenders(metrics, _read_json(contenders.uri, "contenders.json"))
    if tuner_results is not None:
        metrics["hyperparameters"] = training["hyperparameters"]
        found = _read_json(tuner_results.uri, "tuning.json")
        metrics["tuning"] = {**found, "gain": read_gain(tuner_results.uri, found["objective"])}
    records = read_test_records(evaluation.uri)
    names, image = rarest_first(metrics), image_feature(settings)
    test, train, augmented = (
        _shards(examples.uri, "test"),
        os.path.join(examples.uri, "Split-train"),
        _shards(augmented_examples.uri, "train"),
    )
    page = render_report(
        ReportInputs(
            metrics=metrics,
            split_summary=split_summary,
            training=training,
            history=history,
            experiment=settings,
            priors=priors,
            imbalance=_read_json(imbalance_report.uri, "report.json"),
            records=records,
            gallery=class_gallery(train, label, image, training["classes"]) if image else {},
            worst=worst_records(records, names, test, label, image) if records else [],
            synthetic=synthetic_gallery(augmented, training["classes"]) if image else [],
            projection=project_rows(augmented, training["classes"]),
            explanations=explain(
                records, names, test, explain_fn, model_run.uri, transform_graph.uri, label, image
            )
            if records and explain_fn
            else None,
            versions=package_versions(),
        )
    )
    fileio.makedirs(report.uri)
    _write(report.uri, "report.html", page)
    _write(
        report.uri, "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def _read_json(folder: str, name: str) -> Any:
    with fileio.open(os.path.join(folder, name), "rb") as file:
        return json.loads(file.read())


def _shards(uri: str, split: str) -> list[str]:
    return sorted(fileio.glob(os.path.join(uri, f"Split-{split}", "*")))


def _write(folder: str, name: str, text: str) -> None:
    with fileio.open(os.path.join(folder, name), "wb") as file:
        # A file name that is not UTF-8 arrives as lone surrogates, which UTF-8 cannot hold: `\udcff` can,
        # and JSON reads it back as the same character.
        file.write(text.encode("utf-8", errors="backslashreplace"))
