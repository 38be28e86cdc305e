"""BulkInferrer: asks a blessed model about every record of a data set, and logs what it answers."""

import os
from collections.abc import Iterator
from itertools import islice

import apache_beam as beam
import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow_serving.apis import prediction_log_pb2
from tfx import types
from tfx.components.bulk_inferrer import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.io import fileio
from tfx.proto import bulk_inferrer_pb2
from tfx.types import artifact_utils
from tfx_bsl.public.proto import model_spec_pb2

from components.bulk_inferrer.batch import BATCH

_SIGNATURE, _INPUT = "serving_default", "examples"


class Executor(executor.Executor):
    """TFX's BulkInferrer with batches that the data decide, and an output of one string a record.

    tfx_bsl's in-process inference, which TFX calls, makes no log of an output string `(batch,)`, such as `decision`:
    it looks for a dtype on the bytes. And its batches grow with the time they take, to up to 10,000 records,
    decoded images among them, so that no two runs give the same figures. Here each shard is asked in order, in
    batches of `BATCH`, and answered by a shard of logs.
    """

    def _run_model_inference(
        self,
        data_spec: bulk_inferrer_pb2.DataSpec,
        output_example_spec: bulk_inferrer_pb2.OutputExampleSpec,
        examples: list[types.Artifact],
        output_examples: types.Artifact | None,
        inference_result: types.Artifact,
        inference_endpoint: model_spec_pb2.InferenceSpecType,
    ) -> None:
        del data_spec, output_example_spec, output_examples  # The component below takes none.
        shards = [
            shard
            for artifact in examples
            for split in artifact_utils.decode_split_names(artifact.split_names)
            for shard in sorted(
                fileio.glob(os.path.join(artifact_utils.get_split_uri([artifact], split), "*"))
            )
        ]
        fileio.makedirs(inference_result.uri)
        answer = _AnswerShard(
            inference_endpoint.saved_model_spec.model_path, inference_result.uri, len(shards)
        )
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "ListShards" >> beam.Create(list(enumerate(shards)))
                | "SpreadShards" >> beam.Reshuffle()
                | "AnswerShard" >> beam.ParDo(answer)
            )
        logging.info("Answered %d shards into %s.", len(shards), inference_result.uri)


class _AnswerShard(beam.DoFn):
    def __init__(self, model: str, uri: str, num_shards: int):
        self._model, self._uri, self._num_shards = model, uri, num_shards

    def setup(self) -> None:
        # Kept whole: the variables live as long as it does.
        self._loaded = tf.saved_model.load(self._model)

    def process(self, element: tuple[int, str]) -> None:
        number, shard = element
        records = tf.data.TFRecordDataset(shard, compression_type="GZIP").as_numpy_iterator()
        path = os.path.join(self._uri, f"prediction_logs-{number:05d}-of-{self._num_shards:05d}.gz")
        with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
            while batch := list(islice(records, BATCH)):
                answers = self._loaded.signatures[_SIGNATURE](**{_INPUT: tf.constant(batch)})
                for log in prediction_logs(batch, {name: one.numpy() for name, one in answers.items()}):
                    writer.write(log.SerializeToString(deterministic=True))


def prediction_logs(
    records: list[bytes], answers: dict[str, np.ndarray]
) -> Iterator[prediction_log_pb2.PredictionLog]:
    """Makes one log a record, as a server would write it that had been asked about this record alone.

    Args:
        records: Serialised tf.Examples, `(batch,)`.
        answers: The signature's outputs by name, each `(batch, ...)`.
    """
    for row, record in enumerate(records):
        log = prediction_log_pb2.PredictionLog()
        request, response = log.predict_log.request, log.predict_log.response
        request.model_spec.signature_name = response.model_spec.signature_name = _SIGNATURE
        request.inputs[_INPUT].CopyFrom(tf.make_tensor_proto([record]))
        for name, values in answers.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(values[row : row + 1]))
        yield log


class BulkInferrer(component.BulkInferrer):
    """Asks `serving_default` about all examples where the model is blessed; see Executor.

    Component `outputs` contains:
     - `inference_result`: InferenceResult, a gzipped TFRecord file of PredictionLogs for each shard of the
       examples, in their order; no file where the model is not blessed.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self, examples: types.BaseChannel, model: types.BaseChannel, model_blessing: types.BaseChannel
    ):
        """Initialises the component.

        Args:
            examples: Raw tf.Examples, at least one split, with at least one shard.
            model: What DecisionCalibrator made.
            model_blessing: The Evaluator's.
        """
        super().__init__(examples=examples, model=model, model_blessing=model_blessing)
