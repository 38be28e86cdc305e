import json
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

import models
from models.training.devices import strategy_for, visible_devices

# A process has as many devices as it was given before TensorFlow first looked: so a process of its own.
SCRIPT = """
import json, sys
import numpy as np, keras, tensorflow as tf

[cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * int(sys.argv[1]))

from models.training.devices import strategy_for, visible_devices
from models.training.deferred_weighting import DeferredWeighting, SwitchWeighting
from models.training.weight_average import WeightAverage
from models.network.losses import WeightedCrossEntropy

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
inputs, labels = random.normal(size=(64, 5)).astype("float32"), random.integers(0, 3, 64)
batches = tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(16)
with strategy_for(visible_devices()).scope():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    loss = DeferredWeighting(WeightedCrossEntropy(), WeightedCrossEntropy([1.0, 2.0, 3.0]))
    model.compile(keras.optimizers.Adam(0.05), loss)
    callbacks = [SwitchWeighting(loss, 2), WeightAverage(0.9)]
    history = model.fit(
        batches, validation_data=batches, epochs=3, callbacks=callbacks, verbose=0
    ).history
print(json.dumps({"devices": visible_devices(), **history}))
"""


def trained_on(num_devices: int) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(num_devices)],
        cwd=Path(models.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_two_devices_train_to_the_same_losses_as_one():
    one, two = trained_on(1), trained_on(2)
    assert (len(one["devices"]), len(two["devices"])) == (1, 2)
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-4)
    assert two["val_loss"] == pytest.approx(one["val_loss"], rel=1e-4)


def test_one_device_needs_no_copies_of_the_weights():
    assert visible_devices() == ["/device:CPU:0"]
    assert strategy_for(visible_devices()) is tf.distribute.get_strategy()


def test_no_device_is_refused():
    with pytest.raises(ValueError, match=r"Received: devices=\[\]"):
        strategy_for([])
