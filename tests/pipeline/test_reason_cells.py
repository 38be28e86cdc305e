"""Reasons in the table of `counterpoise predict`, against what the model's signature answers."""

import csv
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from pipeline.pushed_model import PushedModel, find_pushed_model
from tests.conftest import counterpoise_here
from tests.made_documents import decision, raw_inputs

CLASSES = ["good", "bad"]
FEATURES = [
    {"name": "Amount", "input": "amount", "kind": "number"},
    {"name": "line", "input": "line", "kind": "text"},
]


class Additive(tf.Module):
    """Its log-odds of "bad" are the amount, 0 where missing, plus 2 on the line "south"; 0.5 where that is missing."""

    def _parts(self, amount, line):
        of_line = tf.where(line == "", 0.5, tf.where(line == "south", 2.0, 0.0))
        return tf.stack(
            [tf.where(tf.math.is_nan(amount), tf.zeros_like(amount), amount), tf.cast(of_line, tf.float64)], 1
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float64, name="amount"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def predict_raw(self, amount, line):
        odds = tf.cast(tf.reduce_sum(self._parts(amount, line), axis=1), tf.float32)
        probabilities = tf.nn.softmax(tf.stack([tf.zeros_like(odds), odds], axis=1))
        return {
            "probabilities": probabilities,
            "decision": tf.gather(tf.constant(CLASSES), tf.argmax(probabilities, axis=1)),
            "score": tf.reduce_max(probabilities, axis=1),
        }

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float64, name="amount"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def explain(self, amount, line):
        parts = self._parts(amount, line)
        sign = tf.where(
            tf.reduce_sum(parts, axis=1, keepdims=True) > 0, tf.ones_like(parts), -tf.ones_like(parts)
        )
        known = tf.reduce_any(line[:, None] == ["south", "north"], axis=1)
        cells = [
            tf.where(tf.math.is_nan(amount), "missing", "known"),
            tf.where(line == "", "missing", tf.where(known, "known", "not seen in train")),
        ]
        return {
            "contributions": tf.cast(sign * parts, tf.float32),
            "columns": tf.tile(tf.constant([["Amount", "line"]]), [tf.shape(amount)[0], 1]),
            "cells": tf.stack(cells, axis=1),
        }


def pushed(folder: Path, *signatures: str) -> PushedModel:
    version, model = folder / "serving" / "1", Additive()
    tf.saved_model.save(model, str(version), {name: getattr(model, name) for name in signatures})
    (version / "assets.extra").mkdir()
    raw_inputs(*FEATURES).write(str(version))
    decision(CLASSES).write(str(version))
    return find_pushed_model(str(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("additive")
    pushed(folder, "predict_raw", "explain")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_the_strongest_reasons_stand_behind_each_row(folder, tmp_path):
    (tmp_path / "new.csv").write_text("Amount,line\n912.5,south\n,south\n-3,Q\n0.5,\n1234567.25,north\n")
    done = counterpoise_here(
        "predict", folder, tmp_path / "new.csv", "-o", tmp_path / "out.csv", "--explain", "3"
    )
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "out.csv")
    assert [(row["reason_1"], row["reason_2"], row["reason_3"]) for row in rows] == [
        ("Amount = 912.5 (+912.50)", "line = south (+2.00)", ""),
        ("line = south (+2.00)", "Amount missing (+0.00)", ""),
        ("Amount = -3 (+3.00)", "line = Q, not seen in train (+0.00)", ""),
        ("Amount = 0.5 (+0.50)", "line missing (+0.50)", ""),
        ("Amount = 1.23457e+06 (+1234567.25)", "line = north (+0.00)", ""),
    ]


def test_reasons_are_those_of_the_signature_and_change_nothing_else(folder, tmp_path):
    random = np.random.default_rng(2)
    amounts, lines = random.normal(0, 3, 150).round(3), random.choice(["north", "south", "Q"], 150)
    cells = [f"{amount},{line}" for amount, line in zip(amounts, lines, strict=True)]
    (tmp_path / "new.csv").write_text("\n".join(["Amount,line", *cells]) + "\n")
    for name, words in (("plain.csv", ()), ("out.csv", ("--explain", "1"))):
        done = counterpoise_here("predict", folder, tmp_path / "new.csv", "-o", tmp_path / name, *words)
        assert done.returncode == 0, done.stderr
    model = tf.saved_model.load(str(folder / "serving" / "1"))
    answers = model.signatures["explain"](amount=tf.constant(amounts), line=tf.constant(lines.tolist()))
    parts = answers["contributions"].numpy()
    rows = rows_of(tmp_path / "out.csv")
    for row, of_it, amount, line in zip(rows, parts, amounts, lines, strict=True):
        column = int(np.abs(of_it).argmax())
        reason = row.pop("reason_1")
        value, name = (f"{amount:.6g}", "Amount") if column == 0 else (line, "line")
        assert reason.startswith(f"{name} = {value}")
        assert float(reason.rpartition("(")[2].removesuffix(")")) == pytest.approx(of_it[column], abs=0.0051)
    assert rows == rows_of(tmp_path / "plain.csv")


def test_a_model_that_explains_no_columns_is_refused(tmp_path):
    pushed(tmp_path, "predict_raw")
    (tmp_path / "new.csv").write_text("Amount,line\n1,south\n")
    done = counterpoise_here(
        "predict", tmp_path, tmp_path / "new.csv", "-o", tmp_path / "out.csv", "--explain", "3"
    )
    assert done.returncode == 2 and not (tmp_path / "out.csv").exists()
    assert "--explain" in done.stderr and "Run the experiment again" in done.stderr
