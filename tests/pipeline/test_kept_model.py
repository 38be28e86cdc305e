"""A model is loaded once for many questions, and anew once it has changed."""

import os
import shutil

import pytest
import tensorflow as tf

from pipeline.kept_model import load_kept


class Constant(tf.Module):
    """Answers one value."""

    def __init__(self, value):
        super().__init__()
        self.value = tf.Variable(value)

    @tf.function(input_signature=[])
    def answer(self):
        return self.value.read_value()


@pytest.fixture
def saved(tmp_path):
    """Saves a model of a value at a place, in place of what is there; returns its folder."""

    def save(name, value, changed):
        folder = tmp_path / name
        shutil.rmtree(folder, ignore_errors=True)
        tf.saved_model.save(Constant(value), str(folder))
        os.utime(folder / "saved_model.pb", ns=(changed, changed))
        return str(folder)

    return save


def test_the_model_that_was_asked_last_is_kept_until_it_changes(saved):
    first = saved("first", 1.0, changed=1)
    loaded = load_kept(first)
    assert load_kept(first) is loaded and float(loaded.answer()) == 1
    assert float(load_kept(saved("first", 2.0, changed=2)).answer()) == 2
    assert float(load_kept(saved("second", 3.0, changed=2)).answer()) == 3
    assert float(load_kept(first).answer()) == 2
