"""Choice of how many training steps are taken before Python is heard again."""

import tensorflow as tf

# Enough for what Keras does between two steps to weigh nothing, few enough for a bar to move.
AT_ONCE = 64


def steps_at_once(num_steps: int, *, small: bool, each_step_counts: bool) -> int:
    """Chooses Keras's `steps_per_execution`.

    Between two steps Keras spends about a millisecond in Python, as much as the step of a small network itself.

    Args:
        num_steps: Steps of an epoch.
        small: Whether a step takes milliseconds, as on columns or on features that are kept.
        each_step_counts: Whether a callback has to act after every step.

    Returns:
        A number from 1 to `num_steps`; 1 under a distribution strategy of several devices.
    """
    if not small or each_step_counts:
        return 1
    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        return 1
    return min(AT_ONCE, num_steps)
