"""A real model of records with an image, numbers and categories, decided and saved, with all that belongs to it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

# The records and what Transform makes of them are those of the tests of models.
from tests.models.conftest import data_of, example, made_up_records, transform_records  # noqa: F401

LABEL, IMAGE = "defect kind", "photo"


@dataclass
class Made:
    """Artifacts before the stage, by channel."""

    folder: Path
    artifacts: dict
    records: list


@pytest.fixture(scope="session")
def made(data_of, tmp_path_factory) -> Made:  # noqa: F811
    import tensorflow as tf
    from google.protobuf import text_format
    from tensorflow_transform.tf_metadata import schema_utils
    from tfx.dsl.io import fileio
    from tfx.types import artifact_utils, standard_artifacts

    from components.decision_calibrator.calibration import Calibration
    from components.decision_calibrator.decided_model import DecidedModel
    from components.decision_calibrator.described_decision import describe_decision
    from components.decision_calibrator.described_unknown import write_unlikeness
    from components.decision_calibrator.embedded_records import EmbeddedRecords
    from components.decision_calibrator.extra_assets import copy_extra_assets
    from components.decision_calibrator.fit_decision import FittedDecision
    from components.decision_calibrator.fit_unknown import fit_unknown
    from components.decision_calibrator.rule import Rule
    from components.decision_calibrator.settings import DecisionSettings
    from components.decision_calibrator.unknown_settings import UnknownSettings
    from components.examples_io import shard_path, write_shard
    from core.features import FeatureSpec
    from models.network.classifier import InputShape, build_classifier
    from models.serving.export import export_classifier
    from models.serving.python_model import KERAS_MODEL
    from models.settings import ModelSettings

    data, folder = data_of("both"), tmp_path_factory.mktemp("made")
    transform = data.transformed.output
    raw = transform.raw_feature_spec()
    classes = [name.decode() for name in transform.vocabulary_by_name("classes")]
    settings = ModelSettings(image={"size": (10, 8), "alpha": 0.25}, tabular={"hidden_units": (8,)})
    sizes = tuple(transform.vocabulary_size_by_name(f"categories_{place}") + 1 for place in range(2))
    model = build_classifier(InputShape((10, 8, 3), 2, sizes), settings, np.array([6, 3, 1]), seed=1)
    random = np.random.default_rng(1)
    model.set_weights([weights + random.normal(0, 0.05, weights.shape) for weights in model.get_weights()])
    spec = FeatureSpec.from_dtypes({name: one.dtype for name, one in raw.items()}, LABEL, IMAGE)
    export_classifier(model, transform, spec, classes, settings.image, str(folder / "network"))
    calibration = Calibration(np.array([1.5, 1.5, 1.5]), np.array([0.3, 0.0, -0.3]))
    weights = np.array([1.0, 2.0, 3.0])
    rule = Rule("macro_f1", np.diag(weights), weights)
    saved = folder / "model" / "Format-Serving"
    serialized = [example(record) for record in data.records]
    embed = tf.saved_model.load(str(folder / "network")).signatures["embed"]
    records = EmbeddedRecords(
        [""] * len(serialized),
        np.array([classes.index(record[LABEL]) for record in data.records]),
        embed(examples=tf.constant(serialized))["embedding"].numpy(),
    )
    held_out = np.arange(len(serialized)) % 2 - 1
    asked = UnknownSettings(max_false_alarm=0.2)
    unknown = fit_unknown(asked, records, held_out, 1, np.full(3, 1 / 3), 0)
    DecidedModel(str(folder / "network"), classes, calibration, rule, unknown=unknown).save(str(saved))
    write_unlikeness(unknown.unlikeness, str(saved), fileio)
    copy_extra_assets(str(folder / "network"), str(saved))
    description = describe_decision(
        DecisionSettings(),
        FittedDecision(calibration, rule, unknown=unknown),
        classes,
        np.full(3, 1 / 3),
        np.full(3, 1 / 3),
        "eval",
        np.arange(3),
    )
    description.write(str(saved))
    (folder / "model_run").mkdir()
    model.save(folder / "model_run" / KERAS_MODEL)
    (folder / "schema").mkdir()
    schema = schema_utils.schema_from_feature_spec(
        {name: tf.io.VarLenFeature(one.dtype) for name, one in raw.items()}
    )
    (folder / "schema" / "schema.pbtxt").write_text(text_format.MessageToString(schema, as_utf8=True))
    test = folder / "examples" / "Split-test"
    test.mkdir(parents=True)
    write_shard(shard_path(str(test), 0, 2), serialized[:90])
    write_shard(shard_path(str(test), 1, 2), serialized[90:])

    kinds = {
        "model": standard_artifacts.Model,
        "model_run": standard_artifacts.ModelRun,
        "transform_graph": standard_artifacts.TransformGraph,
        "examples": standard_artifacts.Examples,
        "schema": standard_artifacts.Schema,
    }
    artifacts = {}
    for name, kind in kinds.items():
        artifacts[name] = kind()
        artifacts[name].uri = str(folder / name)
    artifacts["transform_graph"].uri = data.transformed.folder
    artifacts["examples"].split_names = artifact_utils.encode_split_names(["eval", "test", "train"])
    return Made(folder, artifacts, serialized)


@pytest.fixture
def validate(made, tmp_path):
    """Runs the stage, any artifact replaced; returns the blessing and its report."""
    from tfx.types import standard_artifacts

    from components.serving_validator.component import ServingValidator
    from components.serving_validator.settings import ServingValidationSettings

    def run(predict_fn="models.serving.python_model.predict_fn", settings=None, **uris):
        artifacts = dict(made.artifacts)
        for name, uri in uris.items():
            artifacts[name] = type(artifacts[name])()
            artifacts[name].uri = str(uri)
        blessing = standard_artifacts.InfraBlessing()
        blessing.uri = str(tmp_path / "blessing")
        ServingValidator.test_call(
            **artifacts,
            blessing=blessing,
            predict_fn=predict_fn,
            settings=ServingValidationSettings(**(settings or {})).model_dump_json(),
            label=LABEL,
            image=IMAGE,
        )
        return blessing, json.loads((tmp_path / "blessing" / "report.json").read_text())

    return run
