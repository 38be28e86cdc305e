"""The table made of logs."""

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from components.artifacts import Predictions
from components.bulk_inferrer.component import prediction_logs
from components.examples_io import write_shard
from components.prediction_table.component import PredictionTable, row_of_log
from components.prediction_table.rows import AnswerTable
from tests.made_documents import decision


@pytest.fixture
def run(tmp_path):
    """Runs the stage over shards of answers, each a key and the probabilities of two classes."""

    def run_stage(shards, pushed=True):
        result, model = standard_artifacts.InferenceResult(), standard_artifacts.PushedModel()
        result.uri, model.uri = str(tmp_path / "result"), str(tmp_path / "model")
        model.set_int_custom_property("pushed", int(pushed))
        decision(["good", "Riss, groß"]).write(model.uri)
        (tmp_path / "result").mkdir()
        for number, answers in enumerate(shards):
            logs = [_log(key, *probabilities) for key, probabilities in answers.items()]
            write_shard(f"{result.uri}/prediction_logs-{number:05d}-of-{len(shards):05d}.gz", logs)
        predictions = Predictions()
        predictions.uri = str(tmp_path / "predictions")
        PredictionTable.test_call(inference_result=result, pushed_model=model, predictions=predictions)
        path = tmp_path / "predictions" / "predictions.csv"
        return path.read_bytes().decode() if path.exists() else None

    return run_stage


def _log(key, *probabilities):
    example = tf.train.Example()
    example.features.feature["record_key"].bytes_list.value.append(key.encode())
    values = np.array([probabilities], np.float32)
    names = np.array(["good", "Riss, groß"])[values.argmax(axis=1)]
    answers = {
        "probabilities": values,
        "score": values.max(axis=1),
        "decision": np.array([name.encode() for name in names], object),
    }
    [log] = prediction_logs([example.SerializeToString()], answers)
    return log.SerializeToString()


def test_rows_follow_the_order_of_the_logs_with_six_digits(run):
    shards = [{"a.csv, row 1": (0.75, 0.25), "a.csv, row 2": (1 / 3, 2 / 3)}, {}, {"ü.png": (1.0, 1e-9)}]
    assert run(shards) == (
        'key,decision,score,p_good,"p_Riss, groß"\n'
        '"a.csv, row 1",good,0.75,0.75,0.25\n'
        '"a.csv, row 2","Riss, groß",0.666667,0.333333,0.666667\n'
        "ü.png,good,1,1,1e-09\n"
    )


def test_what_else_a_model_answers_stands_behind():
    table = AnswerTable(("good", "Riss, groß"), has_doubt=True, has_sets=True)
    answer = {
        **{"decision": b"abstain", "score": 0.75, "probabilities": [0.75, 0.25], "doubt": 0.4},
        "prediction_set": [True, True],
    }
    assert table.header() == ["key", "decision", "score", "p_good", "p_Riss, groß", "doubt", "prediction_set"]
    assert table.row("a", answer) == ["a", "abstain", "0.75", "0.75", "0.25", "0.4", '["good", "Riss, groß"]']
    assert set(table.outputs) == set(answer)
    assert AnswerTable.of(decision(["a"])) == AnswerTable(("a",))


def test_a_log_of_all_a_model_can_answer_becomes_a_row():
    example = tf.train.Example()
    example.features.feature["record_key"].bytes_list.value.append(b"a.csv, row 1")
    answers = {
        "probabilities": np.array([[0.5, 0.3, 0.2]], np.float32),
        "score": np.array([0.5], np.float32),
        "decision": np.array([b"abstain"], object),
        "doubt": np.array([0.5], np.float32),
        "prediction_set": np.array([[True, False, True]]),
        "prediction_set_size": np.array([2]),
    }
    [log] = prediction_logs([example.SerializeToString()], answers)
    table = AnswerTable(("a", "b", "c"), has_doubt=True, has_sets=True)
    row = row_of_log(log.SerializeToString(), table)
    assert row == ["a.csv, row 1", "abstain", "0.5", "0.5", "0.3", "0.2", "0.5", '["a", "c"]']


def test_no_cell_is_taken_for_a_formula(run):
    assert run([{"=A1, row 1": (0.75, 0.25)}]).splitlines()[1] == '"\'=A1, row 1",good,0.75,0.75,0.25'


def test_no_records_are_a_header(run):
    assert run([{}]) == 'key,decision,score,p_good,"p_Riss, groß"\n'


def test_a_model_that_was_not_pushed_has_no_table(run):
    assert run([{"a": (0.5, 0.5)}], pushed=False) is None
