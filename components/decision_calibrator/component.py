"""DecisionCalibrator: writes the model with calibrated probabilities and decisions by rule in its graph."""

from dataclasses import replace

import numpy as np
from absl import logging
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import path_utils

from components.artifacts import ClassPriors
from components.decision_calibrator.check import check_class_names
from components.decision_calibrator.daily_queue import with_share_of_day
from components.decision_calibrator.decided_model import DecidedModel
from components.decision_calibrator.described_decision import describe_decision
from components.decision_calibrator.described_unknown import write_unlikeness
from components.decision_calibrator.ensemble_answers import ensemble_log_probabilities
from components.decision_calibrator.extra_assets import copy_extra_assets
from components.decision_calibrator.fit_decision import fit_decision, prior_of_use
from components.decision_calibrator.fit_unknown_on_splits import fit_unknown_on_splits
from components.decision_calibrator.held_out_amounts import amounts_by_key, eval_amounts
from components.decision_calibrator.prediction_sets import PredictionSets
from components.decision_calibrator.predictions import predict_split
from components.decision_calibrator.settings import DecisionSettings
from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.warmup_requests import first_examples, write_warmup_requests
from core.documents.priors import Priors
from core.documents.served_as import ServedAs
from core.documents.split_summary import SplitSummary
from core.documents.training import Training
from core.out_of_fold import OutOfFold
from core.serving_settings import ServingSettings


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
    serving: Parameter[str] = "{}",
) -> None:
    """Writes the model with calibration and decision rule in its graph.

    Both are fitted on the split eval, or, where the model was trained by folds, on what its networks say of the
    records of train and eval that they were not trained on.

    Args:
        model: What Trainer exported.
        model_run: Its log; `training.json` holds `classes`, and `implied_prior`, the class shares that the
            network learnt under. The answers out of fold lie beside it where there are any.
        examples: The raw split examples.
        class_priors: The class shares of the train split before it was augmented.
        decided_model: Where the model goes; `assets.extra/decision.json` in it says how it decides,
            `assets.extra/unlikeness.npz`, where records may be unknown, what the unlikeness is measured by,
            `assets.extra/serving.json` how it is served (see ServedAs), and
            `assets.extra/tf_serving_warmup_requests` holds a few records that servers try it on.
        decision: `DecisionSettings` as one JSON string.
        label: Feature of the class's name.
        seed: Decides the resamples behind the spread of the rule's weights.
        serving: `ServingSettings` as one JSON string. They come in here, where the served model is put together,
            so that other ones leave what was trained as it is.

    Raises:
        InputError: The settings name a class that is not in the data, or leave one out; there are too few held-out
            records for what they ask; or one of these has no amount that its cost can be made of.
    """
    settings = with_share_of_day(
        DecisionSettings.model_validate_json(decision), SplitSummary.records_per_day_of(examples.uri, fileio)
    )
    training = Training.read(model_run.uri, fileio)
    natural_by_name = Priors.read(class_priors.uri, fileio).priors.before
    classes = list(training.classes)
    check_class_names(settings, classes)
    natural = np.array([natural_by_name[name] for name in classes])
    implied = np.array(training.implied_prior, np.float64)
    source = path_utils.serving_model_path(model.uri)
    out_of_fold = OutOfFold.read_if_there(model_run.uri, fileio)
    if out_of_fold is None:
        fitted_on, eval_uri = "eval", artifact_utils.get_split_uri([examples], "eval")
        probabilities, labels = predict_split(source, eval_uri, label, classes)
        amounts = eval_amounts(settings, eval_uri, label, classes)
    else:
        fitted_on, labels = "out_of_fold", out_of_fold.labels
        probabilities = np.exp(ensemble_log_probabilities(out_of_fold))
        splits = [artifact_utils.get_split_uri([examples], split) for split in ("train", "eval")]
        amounts = amounts_by_key(settings, splits, label, out_of_fold.keys)
    decided = fit_decision(settings, probabilities, labels, classes, implied, natural, seed, amounts)
    if settings.unknown is not None:
        uris = tuple(artifact_utils.get_split_uri([examples], split) for split in ("train", "eval"))
        prior = prior_of_use(settings, classes, natural)
        unknown = fit_unknown_on_splits(
            settings.unknown, source, uris, label, classes, out_of_fold, prior, seed
        )
        decided = replace(decided, unknown=unknown)
    logging.info("Decides by %s.", replace(decided, unknown=None))
    _warn_of_interpolation(decided.sets, classes)
    _warn_of_false_alarms(decided.unknown)
    destination = path_utils.serving_model_dir(decided_model.uri)
    model_parts = (decided.calibration, decided.rule, decided.abstention, decided.sets, decided.unknown)
    DecidedModel(source, classes, *model_parts).save(destination)
    copy_extra_assets(source, destination)
    if decided.unknown is not None:
        write_unlikeness(decided.unknown.unlikeness, destination, fileio)
    describe_decision(settings, decided, classes, implied, natural, fitted_on, labels).write(
        destination, fileio
    )
    served = ServingSettings.model_validate_json(serving)
    ServedAs(max_batch=served.max_batch, batch_timeout_ms=served.batch_timeout_ms).add_to(destination, fileio)
    write_warmup_requests(destination, first_examples(artifact_utils.get_split_uri([examples], "eval")))


def _warn_of_false_alarms(unknown: Unknown | None) -> None:
    if unknown is not None and unknown.false_alarm > unknown.max_false_alarm * (1 + 1e-6):
        logging.warning(
            "Of %d held-out records the least like the others stands for more than one in %g where the model is used: %.3g "
            "of the known records may be called unknown, where no more than %g was asked for.",
            len(unknown.held_out),
            1 / unknown.max_false_alarm,
            unknown.false_alarm,
            unknown.max_false_alarm,
        )


def _warn_of_interpolation(sets: PredictionSets | None, classes: list[str]) -> None:
    if sets is None:
        return
    for name, count, weight in zip(classes, sets.num_records, sets.own_weight, strict=True):
        if weight < 1:
            logging.warning(
                "Class %r has %d held-out records, too few for a threshold of its own at a coverage of %g; it is "
                "interpolated towards that of all classes.",
                name,
                count,
                sets.coverage,
            )
