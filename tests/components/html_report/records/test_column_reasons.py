"""Reasons for the worst mistakes, asked of the model that decides."""

import pytest
import tensorflow as tf

from components.html_report.records.column_reasons import column_reasons
from tests.made_documents import raw_inputs


class Halves(tf.Module):
    """Says of each record that its width counts, and that its line counts half as much against the decision."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float64, name="width"),
            tf.TensorSpec([None], tf.string, name="line"),
        ]
    )
    def explain(self, width, line):
        number = tf.cast(width, tf.float32)
        return {
            "contributions": tf.stack([number, -number / 2], axis=1),
            "columns": tf.tile(tf.constant([["width", "line"]]), [tf.shape(width)[0], 1]),
            "cells": tf.stack(
                [tf.fill(tf.shape(width), "known"), tf.where(line == "Q", "not seen in train", "known")], 1
            ),
        }


def example(width: float, line: str) -> bytes:
    features = tf.train.Example().features
    features.feature["width"].float_list.value.append(width)
    features.feature["line"].bytes_list.value.append(line.encode())
    features.feature["kind"].bytes_list.value.append(b"bad")
    return tf.train.Example(features=features).SerializeToString()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("halves"))
    halves = Halves()
    tf.saved_model.save(halves, folder, {"explain": halves.explain})
    (tmp_path_factory.getbasetemp() / folder / "assets.extra").mkdir()
    features = [
        {"name": "width", "input": "width", "kind": "number"},
        {"name": "line", "input": "line", "kind": "text"},
    ]
    raw_inputs(*features).write(folder)
    return folder


def test_each_record_has_its_own_reasons(model):
    assert column_reasons(model, [example(3.0, "north"), example(-1.25, "Q")], ("kind",)) == [
        ["width = 3 (+3.00)", "line = north (-1.50)"],
        ["width = -1.25 (-1.25)", "line = Q, not seen in train (+0.62)"],
    ]


def test_a_model_that_explains_nothing_gives_no_reasons(tmp_path):
    assert column_reasons(str(tmp_path), [b""], ()) == [[]]
