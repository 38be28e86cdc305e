"""Runs a script in a process that has several logical devices."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import models

_DEVICES = """
import json, sys
import numpy as np, keras, tensorflow as tf

[cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * int(sys.argv[1]))
"""


def printed_on(num_devices: int, script: str) -> Any:
    """Returns what a script prints as JSON in its last line.

    A process has as many devices as it was given before TensorFlow first looked: so a process of its own.

    Args:
        num_devices: Logical CPU devices.
        script: May use json, np, keras and tf.
    """
    done = subprocess.run(
        [sys.executable, "-c", _DEVICES + script, str(num_devices)],
        cwd=Path(models.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
