import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.training.optimizers.schedules import FORMS, WarmupSchedule


def rates(schedule, steps):
    return [float(schedule(tf.constant(step, tf.int64))) for step in steps]


def test_the_recipe_of_long_tailed_cifar():
    schedule = WarmupSchedule(0.1, "step", steps_per_epoch=10, epochs=200, warmup_epochs=5)
    steps = [0, 24, 49, 50, 1599, 1600, 1799, 1800, 1999, 5000]
    expected = [0.002, 0.05, 0.1, 0.1, 0.1, 0.001, 0.001, 0.00001, 0.00001, 0.00001]
    np.testing.assert_allclose(rates(schedule, steps), expected, rtol=1e-5)


def test_cosine_is_half_way_down_in_the_middle_and_at_zero_in_the_end():
    schedule = WarmupSchedule(2.0, "cosine", steps_per_epoch=10, epochs=5, warmup_epochs=1)
    np.testing.assert_allclose(
        rates(schedule, [10, 20, 30, 50, 99]), [2, 1 + np.cos(np.pi / 4), 1, 0, 0], atol=1e-6
    )


def test_constant_keeps_the_rate_after_the_warm_up():
    schedule = WarmupSchedule(0.3, "constant", steps_per_epoch=2, epochs=3, warmup_epochs=2)
    np.testing.assert_allclose(rates(schedule, range(6)), [0.075, 0.15, 0.225, 0.3, 0.3, 0.3], rtol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_a_schedule_survives_serialisation_and_traces(form):
    schedule = WarmupSchedule(0.3, form, steps_per_epoch=3, epochs=7, warmup_epochs=2)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(schedule)))
    copy = tf.function(keras.saving.deserialize_keras_object(config))
    steps = [0, 5, 6, 15, 20]
    assert rates(copy, steps) == pytest.approx(rates(schedule, steps), rel=1e-4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"form": "linear"}, "constant, cosine, step. Received: form='linear'"),
        ({"steps_per_epoch": 0}, "Received: steps_per_epoch=0"),
        ({"epochs": 0}, "epochs=0"),
        ({"warmup_epochs": 3}, "below `training.epochs`.*Received: warmup_epochs=3, epochs=3"),
        ({"warmup_epochs": -1}, "Received: warmup_epochs=-1"),
    ],
)
def test_an_argument_out_of_range_is_refused(changed, message):
    arguments = {"peak": 0.1, "form": "step", "steps_per_epoch": 2, "epochs": 3, **changed}
    with pytest.raises(ValueError, match=message):
        WarmupSchedule(**arguments)


def test_a_cosine_without_warm_up_is_that_of_keras_to_the_bit():
    ours, theirs = WarmupSchedule(0.1, "cosine", 23, 17), keras.optimizers.schedules.CosineDecay(0.1, 23 * 17)
    steps = range(0, 23 * 17 + 3, 7)
    assert rates(ours, steps) == rates(theirs, steps)
