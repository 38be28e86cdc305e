"""HtmlReport: writes what a run measured, as a page for people and a document for programs."""

import os

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components import artifacts
from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.result import read_evaluation, read_test_records
from components.evaluation.window_scores import window_scores
from components.html_report.experiment import Experiment
from components.html_report.headline import rarest_first
from components.html_report.metrics_json import assemble_metrics
from components.html_report.records.class_gallery import class_gallery
from components.html_report.records.explanations import explain
from components.html_report.records.projection import project_rows
from components.html_report.records.record_times import record_times
from components.html_report.records.synthetic_gallery import synthetic_gallery
from components.html_report.records.unknown_records import unknown_records
from components.html_report.records.worst_records import worst_records
from components.html_report.report import render_report
from components.html_report.report_inputs import ReportInputs
from components.html_report.search_gain import read_gain
from components.html_report.sections.card import package_versions
from core.documents.contender_results import ContenderResults
from core.documents.decision import Decision
from core.documents.history import History
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import Metrics
from core.documents.priors import Priors
from core.documents.serving_report import ServingReport
from core.documents.split_summary import SplitSummary
from core.documents.strategies import Strategies
from core.documents.training import Training
from core.documents.tuning import SearchResult, Tuning
from core.file_names import REPORT_PAGE


@component
def HtmlReport(
    examples: InputArtifact[standard_artifacts.Examples],
    model_run: InputArtifact[standard_artifacts.ModelRun],
    model: InputArtifact[standard_artifacts.Model],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    imbalance_report: InputArtifact[artifacts.ImbalanceReport],
    class_priors: InputArtifact[artifacts.ClassPriors],
    augmented_examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    report: OutputArtifact[artifacts.Report],
    experiment: Parameter[str],
    label: Parameter[str],
    explain_fn: Parameter[str] = "",
    tuner_results: InputArtifact[standard_artifacts.TunerResults] = None,
    infra_blessing: InputArtifact[standard_artifacts.InfraBlessing] = None,
    contenders: InputArtifact[artifacts.ContenderResults] = None,
    strategies: InputArtifact[artifacts.StrategyResults] = None,
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
        explain_fn: Dotted path of the function that tells what the model looked at; see
            `core.callbacks.ExplainFn`. An empty one leaves that out.
        tuner_results: What the Tuner found, where it ran; its folder holds `tuning.json`.
        infra_blessing: Whether the exported model is fit for serving; its folder holds `report.json`.
        contenders: What plain baselines reached, where any were asked for; its folder holds `contenders.json`.
        strategies: What each strategy was worth, where they were compared; its folder holds `strategies.json`.

    Raises:
        DocumentError: A document of another stage is missing, damaged or of another version.
    """
    settings = Experiment.of(experiment)
    training = Training.read(model_run.uri, fileio)
    priors = Priors.read(class_priors.uri, fileio)
    classes = list(training.classes)
    records = read_test_records(evaluation.uri)
    metrics = assemble_metrics(
        settings.name,
        read_evaluation(evaluation.uri, classes, label),
        training,
        priors,
        Decision.read(path_utils.serving_model_path(model.uri), fileio),
        None if infra_blessing is None else ServingReport.read(infra_blessing.uri, fileio),
        None if contenders is None else ContenderResults.read(contenders.uri, fileio),
        None if tuner_results is None else _search(tuner_results.uri),
        records,
    )
    metrics = _with_windows(metrics, settings.num_windows, records, _shards(examples.uri, "test"))
    names, image = rarest_first(metrics), settings.image_feature
    test, train, augmented = (
        _shards(examples.uri, "test"),
        os.path.join(examples.uri, "Split-train"),
        _shards(augmented_examples.uri, "train"),
    )
    page = render_report(
        ReportInputs(
            metrics=metrics,
            split_summary=SplitSummary.read(examples.uri, fileio),
            training=training,
            history=History.read(model_run.uri, fileio),
            experiment=settings,
            priors=priors,
            imbalance=ImbalanceReport.read(imbalance_report.uri, fileio),
            records=records,
            gallery=class_gallery(train, label, image, classes) if image else {},
            worst=worst_records(records, names, test, label, image, path_utils.serving_model_path(model.uri))
            if records
            else [],
            synthetic=synthetic_gallery(augmented, classes) if image else [],
            projection=project_rows(augmented, classes),
            explanations=explain(
                records, names, test, explain_fn, model_run.uri, transform_graph.uri, label, image
            )
            if records and explain_fn
            else None,
            versions=package_versions(),
            strategies=None if strategies is None else Strategies.read(strategies.uri, fileio),
            unknown=unknown_records(records, test, label, image) if records else [],
        )
    )
    metrics.write(report.uri, fileio)
    with fileio.open(os.path.join(report.uri, REPORT_PAGE), "wb") as file:
        # A file name that is not UTF-8 arrives as lone surrogates, which UTF-8 cannot hold.
        file.write(page.encode("utf-8", errors="backslashreplace"))


def _with_windows(metrics: Metrics, wanted: int, records: AnsweredRecords | None, test: list[str]) -> Metrics:
    """Adds the scores of windows of test by time, where records have times."""
    times = None if records is None or not wanted else record_times(test, records.keys.tolist())
    if records is None or times is None:
        return metrics
    scores = window_scores(records, times, wanted, rarest_first(metrics)[0])
    return metrics.model_copy(update={"over_time": scores})


def _search(uri: str) -> SearchResult:
    found = Tuning.read(uri, fileio)
    return found.with_gain(read_gain(uri, found.objective))


def _shards(uri: str, split: str) -> list[str]:
    return sorted(fileio.glob(os.path.join(uri, f"Split-{split}", "*")))
