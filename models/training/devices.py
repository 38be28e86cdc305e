"""Devices that a model is trained on, and how a batch is spread over them."""

from collections.abc import Sequence

import tensorflow as tf


def visible_devices() -> list[str]:
    """Names the devices to train on: every GPU there is, or else the CPU."""
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return [device.name for device in tf.config.list_logical_devices(kind)]


def strategy_for(devices: Sequence[str]) -> tf.distribute.Strategy:
    """Chooses how a batch is spread over devices.

    Args:
        devices: Names of logical devices, at least one.

    Returns:
        TensorFlow's default strategy for one device. For several, one that keeps a copy of the weights on
        each, gives each its share of every batch, and sums their gradients; a batch keeps its size, so the
        weights stay those of one device but for rounding.

    Raises:
        ValueError: There is no device.
    """
    if not devices:
        raise ValueError("`devices` must name at least one device. Received: devices=[]")
    if len(devices) == 1:
        return tf.distribute.get_strategy()
    # NCCL, the default, exists for GPUs alone.
    on_gpus = all("GPU" in name for name in devices)
    return tf.distribute.MirroredStrategy(
        devices, None if on_gpus else tf.distribute.HierarchicalCopyAllReduce()
    )
