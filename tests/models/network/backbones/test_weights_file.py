from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.backbones.weights_file import load_weights_file

WRITTEN = Path(__file__).parent / "weights_of_lanes"
IS_KERAS_2 = keras.__version__.startswith("2.")


def network(filters=(4, 6), seed=0):
    images = keras.Input((8, 8, 3))
    x = keras.layers.ZeroPadding2D(name="pad")(images)
    for place, number in enumerate(filters):
        initializer = keras.initializers.GlorotUniform(seed * 10 + place)
        x = keras.layers.Conv2D(number, 3, kernel_initializer=initializer, name=f"conv_{place}")(x)
        x = keras.layers.BatchNormalization(name=f"norm_{place}")(x)
    return keras.Model(images, x, name="network")


def same_weights(one, other):
    return all(np.array_equal(*pair) for pair in zip(one.get_weights(), other.get_weights(), strict=True))


@pytest.mark.parametrize("name", ["saved.weights.h5", "saved.keras", "saved.h5"])
def test_every_kind_of_file_brings_the_weights_back(tmp_path, name):
    saved, loaded = network(seed=1), network(seed=2)
    (saved.save_weights if name.endswith(".weights.h5") else saved.save)(tmp_path / name)
    assert not same_weights(saved, loaded)
    load_weights_file(loaded, str(tmp_path / name))
    assert same_weights(saved, loaded)


def test_a_saved_model_brings_the_weights_back(tmp_path):
    saved, loaded = network(seed=1), network(seed=2)
    saved.export(tmp_path / "saved")
    load_weights_file(loaded, str(tmp_path / "saved"))
    assert same_weights(saved, loaded)


@pytest.mark.skipif(not IS_KERAS_2, reason="Keras 3 writes no SavedModel of this kind")
def test_a_saved_model_of_keras_2_brings_the_weights_back(tmp_path):
    saved, loaded = network(seed=1), network(seed=2)
    saved.save(str(tmp_path / "saved"), save_format="tf")
    load_weights_file(loaded, str(tmp_path / "saved"))
    assert same_weights(saved, loaded)


@pytest.mark.parametrize(("name", "other"), [("a.weights.h5", "b.h5"), ("a.h5", "b.weights.h5")])
def test_the_content_and_not_the_name_tells_the_format(tmp_path, name, other):
    saved, loaded = network(seed=1), network(seed=2)
    (saved.save_weights if name.endswith(".weights.h5") else saved.save)(tmp_path / name)
    (tmp_path / name).rename(tmp_path / other)
    load_weights_file(loaded, str(tmp_path / other))
    assert same_weights(saved, loaded)


@pytest.mark.parametrize("name", ["saved.weights.h5", "saved.keras", "saved.h5"])
def test_another_width_is_refused_with_the_layer_and_both_shapes(tmp_path, name):
    saved = network((4, 5))
    (saved.save_weights if name.endswith(".weights.h5") else saved.save)(tmp_path / name)
    with pytest.raises(ValueError) as caught:
        load_weights_file(network((4, 6)), str(tmp_path / name))
    message = str(caught.value)
    assert "do not fit network" in message
    assert "conv_1" in message
    assert "(3, 3, 4, 5)" in message
    assert "(3, 3, 4, 6)" in message
    assert "include_top=False" in message


def test_a_saved_model_of_another_width_is_refused_with_both_shapes(tmp_path):
    network((4, 5)).export(tmp_path / "saved")
    with pytest.raises(ValueError, match=r"conv_1.*\(3, 3, 4, 6\) in the network.*\(3, 3, 4, 5\)"):
        load_weights_file(network((4, 6)), str(tmp_path / "saved"))


@pytest.mark.parametrize("name", ["saved.weights.h5", "saved.keras", "saved.h5"])
@pytest.mark.parametrize("filters", [(4,), (4, 6, 7)])
def test_a_shorter_and_a_longer_network_are_refused(tmp_path, name, filters):
    saved = network(filters)
    (saved.save_weights if name.endswith(".weights.h5") else saved.save)(tmp_path / name)
    with pytest.raises(ValueError, match="do not fit network"):
        load_weights_file(network((4, 6)), str(tmp_path / name))


@pytest.mark.parametrize("ending", ["h5", "weights.h5", "keras"])
@pytest.mark.parametrize("keras_of_file", ["keras_2", "keras_3"])
def test_weights_that_either_lane_has_written_are_read(ending, keras_of_file):
    """The files hold `network((2, 3))`, the numbers of each array counted on from 100 times its place."""
    loaded = network((2, 3))
    load_weights_file(loaded, str(WRITTEN / f"{keras_of_file}.{ending}"))
    for place, array in enumerate(loaded.get_weights()):
        expected = 100 * place + np.arange(array.size, dtype="f4").reshape(array.shape)
        np.testing.assert_array_equal(array, expected)


def test_what_an_optimizer_left_in_the_file_does_not_matter(tmp_path):
    saved, loaded = network(seed=1), network(seed=2)
    saved.compile("adam", "mse")
    saved.fit(np.zeros((2, 8, 8, 3)), np.zeros(saved.compute_output_shape((2, 8, 8, 3))), verbose=0)
    saved.save(tmp_path / "saved.keras")
    saved.save_weights(tmp_path / "saved.weights.h5")
    for name in ("saved.keras", "saved.weights.h5"):
        load_weights_file(loaded, str(tmp_path / name))
        assert same_weights(saved, loaded)


def test_a_file_that_holds_no_weights_is_refused(tmp_path):
    (tmp_path / "notes.h5").write_text("not weights")
    with pytest.raises(ValueError, match=r"notes.h5' do not fit network.*Set `model.image.weights`"):
        load_weights_file(network(), str(tmp_path / "notes.h5"))


def test_the_scaling_of_a_normalization_layer_is_taken_from_the_file(tmp_path):
    def normalizing():
        inputs = keras.Input((4, 4, 3))
        layer = keras.layers.Normalization(name="normalize")
        return keras.Model(inputs, layer(inputs), name="normalizing"), layer

    (saved, adapted), (loaded, _) = normalizing(), normalizing()
    adapted.set_weights([np.full(3, 2.0), np.full(3, 4.0), *adapted.get_weights()[2:]])
    saved.save_weights(tmp_path / "saved.weights.h5")
    load_weights_file(loaded, str(tmp_path / "saved.weights.h5"))
    np.testing.assert_allclose(loaded(tf.fill((1, 4, 4, 3), 8.0)), np.full((1, 4, 4, 3), 3.0), rtol=1e-6)
