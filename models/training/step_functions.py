"""Functions that Keras 2 trains and evaluates by, traced once and without AutoGraph."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def trace_once(model: keras.Model, num_outputs: int) -> None:
    """Gives a compiled model functions for training and evaluation that take little time to trace.

    The steps are those of Keras's own functions, which spend most of the time before the first step on two things:
    with `steps_per_execution` they trace a step four times, once for the shapes of what the loop returns and once for
    the loop, and both again as the first trace makes variables; and they have AutoGraph rewrite every layer, loss
    and metric, none of which branches on a tensor in Python. Here the variables are there before, the loop
    returns nothing, as what the metrics have come to is read after it, and nothing is rewritten.

    Keras 3 traces a step once and rewrites nothing by itself: its models are left as they are. So are those under a
    distribution strategy of several devices.

    Args:
        model: A compiled model that answers with `(batch, num_outputs)` outside training.
        num_outputs: Numbers that it answers with for a record.
    """
    if keras.__version__.startswith("3") or tf.distribute.get_strategy().num_replicas_in_sync > 1:
        return
    _make_variables(model, num_outputs)
    model.train_function = _function(model, model.train_step, model._train_counter)
    model.test_function = _function(model, model.test_step, model._test_counter)


def _make_variables(model: keras.Model, num_outputs: int) -> None:
    """Makes what the optimizer, the loss and the metrics keep, which Keras would else make while it traces."""
    # Those of TensorFlow Addons are of an older kind, which makes them as it goes.
    if hasattr(model.optimizer, "build"):
        model.optimizer.build(model.trainable_variables)
    labels, answers = tf.zeros([1], tf.int64), tf.zeros([1, num_outputs])
    model.compute_loss(None, labels, answers)
    model.compute_metrics(None, labels, answers, None)
    model.reset_metrics()


def _function(
    model: keras.Model, step: Callable[[Any], Any], counter: tf.Variable
) -> Callable[[Any], dict[str, tf.Tensor]]:
    in_a_loop = model._steps_per_execution.numpy() > 1

    def take(iterator: Any) -> None:
        step(next(iterator))
        counter.assign_add(1)

    def take_next(number: tf.Tensor, iterator: Any) -> list[tf.Tensor]:
        take(iterator)
        return [number + 1]

    @tf.function(autograph=False, reduce_retracing=True)
    def function(iterator: Any) -> dict[str, tf.Tensor]:
        if not in_a_loop:
            take(iterator)
        else:
            # Keras lowers the variable where fewer steps are left of an epoch.
            steps = tf.convert_to_tensor(model._steps_per_execution)
            first = tf.zeros([], steps.dtype)
            tf.while_loop(lambda number: number < steps, lambda number: take_next(number, iterator), [first])
        return model.get_metrics_result()

    return function
