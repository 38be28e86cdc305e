"""The demo's pretrained backbone."""

from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.network.backbones.image_backbone import image_backbone
from models.settings import ImageModelSettings
from pipeline.experiments import make_letters_backbone as module

EXPERIMENTS = Path(module.__file__).parent
WEIGHTS = EXPERIMENTS / "letters.weights.h5"


def pooled(settings, images):
    """Mean features of a backbone, `(images, filters)`."""
    return image_backbone(settings, (16, 16, 1))(images.astype(np.float32)).numpy().mean(axis=(1, 2))


def test_what_is_drawn_are_letters_the_same_each_time():
    images, labels = module.draw_letters(1)
    assert images.shape == (len(module.FONT_NAMES) * 52, 16, 16, 1) and images.dtype == np.uint8
    assert set(labels) == set(range(52)) and not any(letter.isdigit() for letter in module.LETTERS)
    assert images.max(axis=(1, 2, 3)).min() > 0
    again, _ = module.draw_letters(1)
    np.testing.assert_array_equal(again, images)


def test_the_same_letters_give_the_same_weights():
    images, labels = module.draw_letters(1)
    first, second = (module.train_backbone(images[:256], labels[:256], epochs=1) for _ in range(2))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_demos_backbone_is_small_and_knows_more_of_digits_than_random_weights_do():
    assert WEIGHTS.stat().st_size < 500_000
    image = yaml.safe_load((EXPERIMENTS / "digits.yaml").read_text())["model"]["image"]
    assert EXPERIMENTS / image["weights"] == WEIGHTS
    digits = load_digits()
    images = np.stack(
        [
            np.asarray(Image.fromarray(np.uint8(digit * 15.9)).resize((16, 16), Image.Resampling.BILINEAR))
            for digit in digits.images
        ]
    )[..., np.newaxis]
    accuracies = {}
    for name, weights in (("letters", str(WEIGHTS)), ("random", None)):
        features = pooled(
            ImageModelSettings(
                **{**image, "weights": weights, "frozen_epochs": None, "last_block_epochs": None}
            ),
            images,
        )
        probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
        accuracies[name] = probe.fit(features[:200], digits.target[:200]).score(
            features[200:], digits.target[200:]
        )
    assert accuracies["letters"] > accuracies["random"] + 0.05, accuracies
