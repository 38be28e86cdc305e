"""StatisticsGen: computes what TFX's does, of few records without a Beam pipeline."""

import json
import os
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import tensorflow as tf
from absl import logging
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx import types
from tfx.components.statistics_gen import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx_bsl.coders import example_coder

from components.statistics_in_memory import is_small, statistics_of

_EXAMPLES, _STATISTICS = standard_component_specs.EXAMPLES_KEY, standard_component_specs.STATISTICS_KEY
# What this project does not ask for is left to TFX.
_OPTIONS = (
    standard_component_specs.STATS_OPTIONS_JSON_KEY,
    standard_component_specs.EXCLUDE_SPLITS_KEY,
    standard_component_specs.SAMPLE_RATE_BY_SPLIT_KEY,
    standard_component_specs.SHARDED_STATS_OUTPUT_KEY,
)


class Executor(executor.Executor):
    """Reads the splits of small data into memory, and leaves larger ones, and all options, to TFX's executor."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        examples = artifact_utils.get_single_instance(input_dict[_EXAMPLES])
        splits = artifact_utils.decode_split_names(examples.split_names)
        shards = {
            split: sorted(fileio.glob(os.path.join(artifact_utils.get_split_uri([examples], split), "*")))
            for split in splits
        }
        if (
            input_dict.get(standard_component_specs.SCHEMA_KEY)
            or any(_is_set(exec_properties.get(name)) for name in _OPTIONS)
            or not is_small(path for paths in shards.values() for path in paths)
        ):
            super().Do(input_dict, output_dict, exec_properties)
            return
        self._log_startup(input_dict, output_dict, exec_properties)
        statistics = artifact_utils.get_single_instance(output_dict[_STATISTICS])
        statistics.split_names = artifact_utils.encode_split_names(splits)
        statistics.span = examples.span
        for split, paths in shards.items():
            folder = artifact_utils.get_split_uri([statistics], split)
            fileio.makedirs(folder)
            described = statistics_pb2.DatasetFeatureStatisticsList(datasets=[statistics_of(_read(paths))])
            with fileio.open(os.path.join(folder, executor.DEFAULT_FILE_NAME), "wb") as file:
                file.write(described.SerializeToString(deterministic=True))
            logging.info("Statistics of split %s are in %s.", split, folder)


def _is_set(value: Any) -> bool:
    return bool(json.loads(value)) if isinstance(value, str) and value else bool(value)


def _read(paths: list[str]) -> pa.RecordBatch:
    records = list(tf.data.TFRecordDataset(paths, "GZIP").as_numpy_iterator())
    if not records:
        return pa.RecordBatch.from_arrays([], [])
    return example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(records)


class StatisticsGen(component.StatisticsGen):
    """Computes statistics of every split; see Executor.

    Component `outputs` contains:
     - `statistics`: ExampleStatistics, TFDV's, in `FeatureStats.pb` for each split.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
