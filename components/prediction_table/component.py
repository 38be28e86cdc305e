"""PredictionTable: writes what BulkInferrer logged as a table for people and spreadsheets."""

import io
import os
from itertools import islice

import tensorflow as tf
from absl import logging
from tensorflow_serving.apis import prediction_log_pb2
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts

from components.artifacts import Predictions
from components.prediction_table.rows import AnswerTable
from core.documents.decision import Decision
from core.features import RECORD_KEY
from core.file_names import PREDICTIONS_TABLE
from core.spreadsheet_csv import SpreadsheetWriter

_ROWS_HELD = 1000


@component
def PredictionTable(
    inference_result: InputArtifact[standard_artifacts.InferenceResult],
    pushed_model: InputArtifact[standard_artifacts.PushedModel],
    predictions: OutputArtifact[Predictions],
) -> None:
    """Writes `predictions.csv`, the table that `counterpoise predict` writes, where the model was pushed.

    Args:
        inference_result: PredictionLogs, files and records in the order of the data.
        pushed_model: What answered; a model that was not pushed has no table, whatever it answered.
        predictions: Gets the table.
    """
    if not pushed_model.get_int_custom_property("pushed"):
        logging.info("The model was not pushed: no predictions.")
        return
    table = AnswerTable.of(Decision.read(pushed_model.uri, fileio))
    fileio.makedirs(predictions.uri)
    with fileio.open(os.path.join(predictions.uri, PREDICTIONS_TABLE), "wb") as handle:
        handle.write(_lines([table.header()]))
        for shard in sorted(fileio.glob(os.path.join(inference_result.uri, "*"))):
            logs = tf.data.TFRecordDataset(shard, compression_type="GZIP").as_numpy_iterator()
            while batch := list(islice(logs, _ROWS_HELD)):
                handle.write(_lines([row_of_log(log, table) for log in batch]))


def row_of_log(serialized_log: bytes, table: AnswerTable) -> list[str]:
    """Makes the row of a record out of its serialised PredictionLog."""
    log = prediction_log_pb2.PredictionLog.FromString(serialized_log).predict_log
    [record] = log.request.inputs["examples"].string_val
    [key] = tf.train.Example.FromString(record).features.feature[RECORD_KEY].bytes_list.value
    answer = {name: tf.make_ndarray(log.response.outputs[name])[0] for name in table.outputs}
    return table.row(key.decode(), answer)


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    SpreadsheetWriter(text).writerows(rows)
    return text.getvalue().encode()
