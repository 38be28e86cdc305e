import pytest
import tensorflow as tf

from models.training.devices import strategy_for, visible_devices
from tests.models.training.on_devices import printed_on

SCRIPT = """
from models.training.devices import strategy_for, visible_devices
from models.training.callbacks.deferred_weighting import DeferredWeighting, SwitchWeighting
from models.training.callbacks.weight_average import WeightAverage
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy

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


@pytest.mark.slow
def test_two_devices_train_to_the_same_losses_as_one():
    one, two = printed_on(1, SCRIPT), printed_on(2, SCRIPT)
    assert (len(one["devices"]), len(two["devices"])) == (1, 2)
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-4)
    assert two["val_loss"] == pytest.approx(one["val_loss"], rel=1e-4)


def test_one_device_needs_no_copies_of_the_weights():
    assert visible_devices() == ["/device:CPU:0"]
    assert strategy_for(visible_devices()) is tf.distribute.get_strategy()


def test_no_device_is_refused():
    with pytest.raises(ValueError, match=r"Received: devices=\[\]"):
        strategy_for([])
