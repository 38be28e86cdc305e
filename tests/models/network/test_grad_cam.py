import keras
import numpy as np
import pytest

from models.network.classifier import InputShape, build_classifier
from models.network.ensemble import EnsembleMember, ensemble
from models.network.grad_cam import grad_cam
from models.settings import ImageModelSettings, ModelSettings

# Two channels: the pixel and its negative. Class 0 reads the first with weight 3, class 1 the second with 5.
KERNEL = np.array([[3.0, 0.0], [0.0, 5.0]], np.float32)
IMAGES = np.array([[[4.0, 1.0], [-2.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]], np.float32)[..., np.newaxis]


def hand_made_network(kernel=KERNEL) -> keras.Model:
    inner = keras.Input((2, 2, 1))
    convolution = keras.layers.Conv2D(2, 1, use_bias=False, name="convolution")
    backbone = keras.Model(inner, convolution(inner), name="backbone")
    image = keras.Input((2, 2, 1), name="image")
    feature_map = keras.layers.Activation("linear", name="feature_map")(backbone(image))
    logits = keras.layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model({"image": image}, logits(keras.layers.GlobalAveragePooling2D()(feature_map)))
    convolution.set_weights([np.array([[[[1.0, -1.0]]]])])
    logits.set_weights([kernel])
    return model


def test_what_speaks_for_a_class_is_where_its_channel_is_strong():
    cam = grad_cam(hand_made_network(), {"image": IMAGES}, class_index=0)
    np.testing.assert_allclose(cam, [[[1, 0.25], [0, 0]], [[0.25, 0.5], [0.75, 1]]], rtol=1e-6)


def test_each_record_may_have_a_class_of_its_own():
    cam = grad_cam(hand_made_network(), {"image": IMAGES}, class_index=np.array([1, 1]))
    np.testing.assert_allclose(cam, [[[0, 0], [1, 0]], np.zeros((2, 2))], rtol=1e-6)
    mixed = grad_cam(hand_made_network(), {"image": IMAGES}, class_index=np.array([0, 1]))
    np.testing.assert_allclose(mixed, [[[1, 0.25], [0, 0]], np.zeros((2, 2))], rtol=1e-6)


def test_maps_of_an_ensemble_are_added_up_and_a_member_without_weight_has_none():
    def of(*weights):
        networks = [hand_made_network(), hand_made_network(KERNEL[::-1])]
        members = [
            EnsembleMember(f"member_{place}", network, weight, [[0.5, 0.5]])
            for place, (network, weight) in enumerate(zip(networks, weights, strict=True))
        ]
        return grad_cam(ensemble(members, np.array([0.5, 0.5])), {"image": IMAGES}, class_index=0)

    alone = grad_cam(hand_made_network(), {"image": IMAGES}, class_index=0)
    np.testing.assert_allclose(of(1.0, 0.0), alone, rtol=1e-5)
    # The other one reads negatives.
    assert ((of(0.5, 0.5)[0] > 0) == (IMAGES[0, ..., 0] != 0)).all()


def test_a_frozen_backbone_is_no_obstacle():
    model = hand_made_network()
    expected = grad_cam(model, {"image": IMAGES}, 0)
    model.trainable = False
    np.testing.assert_array_equal(grad_cam(model, {"image": IMAGES}, 0), expected)


@pytest.mark.parametrize("branches", ["single", "bilateral", "experts", "class_groups"])
def test_every_kind_of_branches_can_be_asked(branches):
    settings = ModelSettings(image=ImageModelSettings(alpha=0.25), branches=branches, attention="cbam")
    shape = InputShape(image=(16, 8, 1), num_numeric=1)
    model = build_classifier(shape, settings, np.array([60, 30, 10]), seed=0)
    random = np.random.default_rng(0)
    records = {
        "image": random.uniform(0, 255, (4, 16, 8, 1)).astype(np.float32),
        "numeric": random.normal(size=(4, 1)).astype(np.float32),
        "missing": np.zeros((4, 1), np.float32),
    }
    cams = np.stack([grad_cam(model, records, class_index) for class_index in range(3)])
    assert cams.shape[1:] == (4, *model.get_layer("feature_map").output.shape[1:3])
    assert cams.min() >= 0
    assert cams.max() == 1
    assert len({cam.tobytes() for cam in cams}) == 3


def test_a_class_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"must be in \[0, 2\)"):
        grad_cam(hand_made_network(), {"image": IMAGES}, class_index=2)


def test_a_network_without_images_is_refused():
    model = build_classifier(InputShape(num_numeric=1), ModelSettings(), np.array([2, 1]), seed=0)
    with pytest.raises(ValueError, match="grad_cam needs a classifier of images"):
        grad_cam(model, {}, 0)
