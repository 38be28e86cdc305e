"""DecisionCalibrator: a model whose probabilities are honest and whose decisions are by rule, in its graph."""

import hashlib
import json
import os
from typing import Any

import numpy as np
from absl import logging
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import path_utils

from components.artifacts import ClassPriors
from components.decision_calibrator.calibration import Calibration, correct_prior, fit
from components.decision_calibrator.decided_model import DecidedModel, write_decision
from components.decision_calibrator.predictions import predict_split
from components.decision_calibrator.rule import Rule, fit_rule
from components.decision_calibrator.settings import DecisionSettings
from components.errors import InputError
from components.names import nearest


@component
def DecisionCalibrator(
    model: InputArtifact[standard_artifacts.Model],
    model_run: InputArtifact[standard_artifacts.ModelRun],
    examples: InputArtifact[standard_artifacts.Examples],
    class_priors: InputArtifact[ClassPriors],
    decided_model: OutputArtifact[standard_artifacts.Model],
    decision: Parameter[str],
    label: Parameter[str],
    seed: Parameter[int],
) -> None:
    """Writes the model with calibration and decision rule in its graph; both are fitted on the split eval.

    Args:
        model: What Trainer exported.
        model_run: Its log; `training.json` holds `classes`, and `implied_prior`, the class shares that the
            network learnt under.
        examples: The raw split examples.
        class_priors: The class shares of the train split before it was augmented.
        decided_model: Where the model goes; `assets.extra/decision.json` in it says how it decides.
        decision: `DecisionSettings` as one JSON string.
        label: Feature of the class's name.
        seed: Decides the resamples behind the spread of the rule's weights.

    Raises:
        InputError: The settings name a class that is not in the data, or leave one out.
    """
    settings = DecisionSettings.model_validate_json(decision)
    with fileio.open(os.path.join(model_run.uri, "training.json"), "rb") as handle:
        training = json.loads(handle.read())
    with fileio.open(os.path.join(class_priors.uri, "priors.json"), "rb") as handle:
        natural_by_name = json.loads(handle.read())["priors"]["before"]
    classes = training["classes"]
    check_class_names(settings, classes)
    natural = np.array([natural_by_name[name] for name in classes])
    source = path_utils.serving_model_path(model.uri)
    probabilities, labels = predict_split(
        source, artifact_utils.get_split_uri([examples], "eval"), label, classes
    )
    calibration, rule = decide_how(
        settings, probabilities, labels, classes, np.array(training["implied_prior"]), natural, seed
    )
    logging.info("Slopes %s, offsets %s, rule %s.", calibration.slope, calibration.offset, rule)
    destination = path_utils.serving_model_dir(decided_model.uri)
    DecidedModel(source, classes, calibration, rule).save(destination)
    write_decision(
        destination,
        describe(settings, calibration, rule, classes, training["implied_prior"], natural, labels),
    )


def check_class_names(settings: DecisionSettings, classes: list[str]) -> None:
    """Raises InputError where the settings name a class that is not there, or a prior that is not whole."""
    for key, names in settings.class_names().items():
        for name in names:
            if name not in classes:
                hint = nearest(name, classes)
                way_out = f"Did you mean {hint!r}?" if hint else f"Classes: {', '.join(classes)}."
                raise InputError(f"{key}: there is no class {name!r} in the data. {way_out}")
    if isinstance(settings.prior, dict) and set(settings.prior) != set(classes):
        left_out = [name for name in classes if name not in settings.prior]
        raise InputError(
            f"decision.prior: expected the share of every class. Left out: {', '.join(left_out)}. "
            "Give each a share; the sum must be 1."
        )


def decide_how(
    settings: DecisionSettings,
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: list[str],
    implied_prior: np.ndarray,
    natural_prior: np.ndarray,
    seed: int,
) -> tuple[Calibration, Rule]:
    """Fits calibration and rule on held-out records of the natural prior.

    Where the model is used under another prior, each record stands for as many as there are then of its
    class, so that the rule is fitted to what it will meet.

    Args:
        settings: What is asked for.
        probabilities: The network's, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        classes: Names in index order.
        implied_prior: Class shares the network learnt under, `(classes,)`.
        natural_prior: Class shares of the records, `(classes,)`.
        seed: Decides the resamples.
    """
    target = natural_prior
    if isinstance(settings.prior, dict):
        target = np.array([settings.prior[name] for name in classes])
    if settings.calibrate and len(labels):
        calibration = fit(probabilities, labels, implied_prior, natural_prior, target, settings.method)
    else:
        calibration = correct_prior(implied_prior, target)
    record_weights = (target / natural_prior)[labels]
    rule = fit_rule(settings, calibration.apply(probabilities), labels, classes, seed, record_weights)
    return calibration, rule


def describe(
    settings: DecisionSettings,
    calibration: Calibration,
    rule: Rule,
    classes: list[str],
    implied_prior: list[float],
    natural_prior: np.ndarray,
    labels: np.ndarray,
) -> dict[str, Any]:
    """Puts together what `decision.json` holds; `version` is a digest of the rest."""
    thresholds = rule.thresholds()

    def by_class(values: Any) -> dict[str, Any] | None:
        return None if values is None else dict(zip(classes, np.asarray(values).tolist(), strict=True))

    content = {
        "classes": classes,
        "settings": settings.model_dump(mode="json"),
        "calibration": {
            "formula": "softmax(slope * log(raw_probabilities) + offset)",
            "slope": by_class(calibration.slope),
            "offset": by_class(calibration.offset),
        },
        "priors": {"implied": by_class(implied_prior), "natural": by_class(natural_prior)},
        "rule": {
            "name": rule.name,
            "formula": "argmax(probabilities @ matrix)",
            "matrix": rule.matrix.tolist(),
            "weights": by_class(rule.weights),
            "weights_spread": by_class(rule.spread),
            "thresholds": by_class(thresholds),
        },
        "fitted_on": {"split": "eval", "records": by_class(np.bincount(labels, minlength=len(classes)))},
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:12], **content}
