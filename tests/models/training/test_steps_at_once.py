import pytest
import tensorflow as tf

from models.training.steps_at_once import AT_ONCE, steps_at_once


@pytest.mark.parametrize(("num_steps", "expected"), [(1, 1), (7, 7), (1000, AT_ONCE)])
def test_small_steps_are_taken_several_at_once_but_no_more_than_an_epoch_has(num_steps, expected):
    assert steps_at_once(num_steps, small=True, each_step_counts=False) == expected


@pytest.mark.parametrize(("small", "each_step_counts"), [(False, False), (True, True)])
def test_large_steps_and_steps_that_a_callback_follows_are_taken_one_by_one(small, each_step_counts):
    assert steps_at_once(1000, small=small, each_step_counts=each_step_counts) == 1


def test_steps_on_several_devices_are_taken_one_by_one(monkeypatch):
    class Several:
        num_replicas_in_sync = 2

    monkeypatch.setattr(tf.distribute, "get_strategy", Several)
    assert steps_at_once(1000, small=True, each_step_counts=False) == 1
