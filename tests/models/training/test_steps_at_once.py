import pytest
import tensorflow as tf

from models.training.steps_at_once import WORTH_A_LOOP, steps_at_once


@pytest.mark.parametrize(("num_steps", "expected"), [(1, 1), (7, 7), (16, 16), (1000, 16)])
def test_small_steps_are_taken_several_at_once_but_no_more_than_an_epoch_has(num_steps, expected):
    assert steps_at_once(num_steps, WORTH_A_LOOP, small=True, each_step_counts=False) == expected


@pytest.mark.parametrize(("small", "each_step_counts"), [(False, False), (True, True)])
def test_large_steps_and_steps_that_a_callback_follows_are_taken_one_by_one(small, each_step_counts):
    assert steps_at_once(1000, 100, small=small, each_step_counts=each_step_counts) == 1


def test_few_steps_are_not_worth_the_larger_graph():
    assert steps_at_once(WORTH_A_LOOP // 10 - 1, 10, small=True, each_step_counts=False) == 1
    assert steps_at_once(WORTH_A_LOOP // 10, 10, small=True, each_step_counts=False) == 16


def test_steps_on_several_devices_are_taken_one_by_one(monkeypatch):
    class Several:
        num_replicas_in_sync = 2

    monkeypatch.setattr(tf.distribute, "get_strategy", Several)
    assert steps_at_once(1000, 100, small=True, each_step_counts=False) == 1
