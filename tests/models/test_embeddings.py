import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from models.embeddings import embed_fn
from models.network.backbones.small_cnn import small_cnn
from models.preprocessing.images import decode_images
from models.settings import ModelSettings

SETTINGS = ModelSettings(image={"size": (16, 12), "channels": 1, "alpha": 0.5})


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (20, 20, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_embedding_is_the_mean_of_the_pretrained_feature_map(tmp_path):
    backbone = small_cnn(SETTINGS.image, (16, 12, 1), seed=9)
    backbone.save_weights(tmp_path / "pretrained.weights.h5")
    model = SETTINGS.model_dump(mode="json")
    model["image"]["weights"] = str(tmp_path / "pretrained.weights.h5")
    images = [png(seed) for seed in range(5)]
    vectors = embed_fn(model, [images[:3], images[3:]])
    feature_map = backbone(decode_images(tf.constant(images), (16, 12), 1), training=False).numpy()
    np.testing.assert_allclose(vectors, feature_map.mean(axis=(1, 2)), atol=1e-5)
    assert vectors.dtype == np.float32 and vectors.std(axis=0).max() > 0


def test_random_weights_are_refused():
    with pytest.raises(ValueError, match=r"model\.image\.weights=null"):
        embed_fn(SETTINGS.model_dump(mode="json"), [[png(0)]])
