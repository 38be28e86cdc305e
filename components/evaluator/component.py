"""Evaluator: evaluates as TFX's does, but in batches that the data alone decide."""

import json
import os
from collections.abc import Mapping
from typing import Any

import apache_beam as beam
import tensorflow_model_analysis as tfma
from absl import logging
from tensorflow_model_analysis import constants as tfma_constants
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import component, constants
from tfx.dsl.components.base import base_beam_executor, executor_spec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, path_utils, proto_utils

from components.evaluator.batches import record_batches

_MODEL, _BASELINE = standard_component_specs.MODEL_KEY, standard_component_specs.BASELINE_MODEL_KEY
_EXAMPLES = standard_component_specs.EXAMPLES_KEY


class Executor(base_beam_executor.BaseBeamExecutor):
    """Does what TFX's does for models that take serialised tf.Examples, but reads each shard in order, by itself.

    TFX's batches grow with the time they take, and run on from one file into the next, as its worker has them. What a
    network says of a record differs in its last digit with the size of the batch, and with it do all figures.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        self._log_startup(input_dict, output_dict, exec_properties)
        config = config_pb2.EvalConfig()
        proto_utils.json_to_proto(exec_properties[standard_component_specs.EVAL_CONFIG_KEY], config)
        # Newer releases keep it in a module of its own.
        with_defaults = getattr(tfma, "utils", tfma).update_eval_config_with_defaults
        # Without a baseline, what is to be held against it is not asked.
        config = with_defaults(config, has_baseline=bool(input_dict.get(_BASELINE)), rubber_stamp=True)
        models = [
            tfma.default_eval_shared_model(
                eval_saved_model_path=_model_path(input_dict[_BASELINE if spec.is_baseline else _MODEL]),
                model_name=spec.name,
                eval_config=config,
            )
            for spec in config.model_specs
        ]
        shards = [
            path
            for split in json.loads(exec_properties[standard_component_specs.EXAMPLE_SPLITS_KEY])
            for uri in artifact_utils.get_split_uris(input_dict[_EXAMPLES], split)
            for path in sorted(fileio.glob(os.path.join(uri, "*")))
        ]
        output = artifact_utils.get_single_uri(output_dict[standard_component_specs.EVALUATION_KEY])
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "ListShards" >> beam.Create(shards)
                | "SpreadShards" >> beam.Reshuffle()
                | "ReadBatches" >> beam.FlatMap(record_batches, tfma_constants.ARROW_INPUT_COLUMN)
                | "EvaluateAndWrite"
                >> tfma.ExtractEvaluateAndWriteResults(
                    eval_shared_model=models if len(models) > 1 else models[0],
                    eval_config=config,
                    output_path=output,
                )
            )
        blessing = artifact_utils.get_single_instance(output_dict[standard_component_specs.BLESSING_KEY])
        _bless(blessing, tfma.load_validation_result(output).validation_ok, input_dict, exec_properties)
        logging.info("Evaluated %d shards into %s.", len(shards), output)


def _model_path(models: list[types.Artifact]) -> str:
    return path_utils.serving_model_path(artifact_utils.get_single_uri(models))


def _bless(
    blessing: types.Artifact,
    is_blessed: bool,
    input_dict: dict[str, list[types.Artifact]],
    exec_properties: Mapping[str, Any],
) -> None:
    """Marks the blessing as TFX's Evaluator does."""
    sources = {
        _MODEL: (
            constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY,
            constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY,
        ),
        _BASELINE: (
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_URI_KEY,
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_ID_KEY,
        ),
    }
    for key, (uri_property, id_property) in sources.items():
        if input_dict.get(key):
            model = artifact_utils.get_single_instance(input_dict[key])
            blessing.set_string_custom_property(uri_property, model.uri)
            blessing.set_int_custom_property(id_property, model.id)
    if "current_component_id" in exec_properties:
        blessing.set_string_custom_property("component_id", exec_properties["current_component_id"])
    name = constants.BLESSED_FILE_NAME if is_blessed else constants.NOT_BLESSED_FILE_NAME
    io_utils.write_string_file(os.path.join(blessing.uri, name), "")
    value = constants.BLESSED_VALUE if is_blessed else constants.NOT_BLESSED_VALUE
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, value)


class Evaluator(component.Evaluator):
    """Evaluates a model, and one blessed before, by a `tfma.EvalConfig` with thresholds; see Executor.

    Component `outputs` contains:
     - `evaluation`: ModelEvaluation, TFMA's result.
     - `blessing`: ModelBlessing, whether the model passed the thresholds.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
