"""ImbalanceValidator: checks the data before anything is trained on them, and says what it found."""

import apache_beam as beam
from absl import logging
from tfx.dsl.component.experimental.annotations import (
    BeamComponentParameter,
    InputArtifact,
    OutputArtifact,
    Parameter,
)
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts

from components import artifacts
from components.imbalance_validator.check_table import CHECKS
from components.imbalance_validator.checks import refusal, run_checks
from components.imbalance_validator.distribution import effective_number_of_classes, entropy, imbalance_ratio
from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.gather import Sources, gather
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Balance, FeaturesByClass, Finding, ImbalanceReport
from core.errors import InputError


@component(use_beam=True)
def ImbalanceValidator(
    examples: InputArtifact[standard_artifacts.Examples],
    statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    schema: InputArtifact[standard_artifacts.Schema],
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    imbalance_report: OutputArtifact[artifacts.ImbalanceReport],
    validation: Parameter[str],
    label: Parameter[str],
    image: Parameter[str],
    has_groups: Parameter[bool],
    splits_given: Parameter[bool],
    time_gap: Parameter[int] = -1,
    previous_examples: InputArtifact[standard_artifacts.Examples] = None,
    beam_pipeline: BeamComponentParameter[beam.Pipeline] = None,
) -> None:
    """Writes `report.json` and TFDV's statistics by class, `FeatureStats.pb`, into the folder of `imbalance_report`.

    Args:
        examples: The split records; beside them `splits.csv` and `split_summary.json`.
        statistics: TFDV's statistics of each split.
        schema: The features that count.
        anomalies: What ExampleValidator has against the data.
        imbalance_report: Where the files go.
        validation: `ValidationSettings` as one JSON string.
        label: Feature of the class's name.
        image: Feature of the encoded image; empty where there is none.
        has_groups: Whether `data.group` is set.
        splits_given: Whether the data came split, rather than by shares or by time.
        time_gap: Microseconds that splits by time lie apart at least; below 0 where the splits are by something else.
        previous_examples: The split records of the last run that had others.
        beam_pipeline: Made by TFX.

    Raises:
        InputError: With all hard findings, where `validation.on_anomaly` is fail.
    """
    settings = ValidationSettings.model_validate_json(validation)
    sources = Sources(examples, statistics, schema, anomalies, previous_examples)
    fileio.makedirs(imbalance_report.uri)
    facts, features = gather(
        sources,
        beam_pipeline,
        imbalance_report.uri,
        label,
        image or None,
        has_groups,
        splits_given,
        None if time_gap < 0 else time_gap,
    )
    findings = run_checks(facts, settings)
    for finding in findings:
        log = logging.info if finding.severity == "note" else logging.warning
        log("%s finding of %s: %s %s", finding.severity, finding.check, finding.message, finding.advice)
    report(facts, features, findings, settings).write(imbalance_report.uri, fileio)
    message = refusal(findings)
    if message is not None and settings.on_anomaly == "fail":
        raise InputError(message)


def report(
    facts: DataFacts, features: FeaturesByClass, findings: list[Finding], settings: ValidationSettings
) -> ImbalanceReport:
    """Puts together what was found in the data."""
    train = facts.counts[0]
    return ImbalanceReport(
        findings=tuple(findings),
        checks={name: name not in settings.skip for name in CHECKS},
        classes={
            name: dict(zip(facts.splits, facts.counts[:, number].tolist(), strict=True))
            for number, name in enumerate(facts.classes)
        },
        balance=Balance(
            split=facts.splits[0],
            imbalance_ratio=imbalance_ratio(train),
            effective_number_of_classes=effective_number_of_classes(train) if train.any() else None,
            entropy=entropy(train) if train.any() else None,
        ),
        features=features,
        feature_auc=facts.mean_aucs(),
        sampled=len(facts.sample.labels),
    )
