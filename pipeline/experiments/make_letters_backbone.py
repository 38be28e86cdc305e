"""Trains the demo's pretrained backbone: `small_cnn` on letters drawn from fonts, no digit among them.

The fonts are those that Matplotlib brings along, so that nothing is downloaded. Letters are drawn on 8 x 8 grey
pixels, as the digits of scikit-learn are, each turned, sheared, scaled, moved and thickened by chance.

Usage: python -m pipeline.experiments.make_letters_backbone FILE (a few minutes on 2 cores). The same bytes at every
call on the same kind of processor.
"""

import string
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ALPHA = 0.65
SIDE = 16
_DRAWN_SIDE = 64
_DIGIT_SIDE = 8
LETTERS = string.ascii_letters
DRAWINGS = 32  # of each letter in each font
FONT_NAMES = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSansMono",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralItalic",
    "cmr10",
    "cmss10",
    "cmtt10",
)
_EPOCHS, _BATCH_SIZE, _LEARNING_RATE = 20, 128, 0.002
_SEED = 0


def draw_letters(drawings: int = DRAWINGS) -> tuple[np.ndarray, np.ndarray]:
    """Draws every letter in every font, anew by chance each time.

    Args:
        drawings: Of each letter in each font, at least 1.

    Returns:
        Grey images, white on black, uint8 `(images, 16, 16, 1)`, and the letters' numbers, int64 `(images,)`.
    """
    random = np.random.default_rng(_SEED)
    images, labels = [], []
    for font in _fonts():
        for number, letter in enumerate(LETTERS):
            for _ in range(drawings):
                images.append(_drawn(letter, font, random))
                labels.append(number)
    return np.stack(images)[..., np.newaxis], np.array(labels)


def _fonts() -> list[ImageFont.FreeTypeFont]:
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return [ImageFont.truetype(str(folder / f"{name}.ttf"), round(0.7 * _DRAWN_SIDE)) for name in FONT_NAMES]


def _drawn(letter: str, font: ImageFont.FreeTypeFont, random: np.random.Generator) -> np.ndarray:
    middle = _DRAWN_SIDE / 2
    canvas = Image.new("L", (_DRAWN_SIDE, _DRAWN_SIDE))
    stroke = int(random.integers(0, 4))
    ImageDraw.Draw(canvas).text(
        (middle, middle), letter, fill=255, font=font, anchor="mm", stroke_width=stroke
    )
    # Digits fill their image, whatever the letter's own size is.
    left, top, right, bottom = canvas.getbbox() or (0, 0, _DRAWN_SIDE, _DRAWN_SIDE)
    scale = max(right - left, bottom - top) / _DRAWN_SIDE * random.uniform(0.95, 1.3)
    angle, shear = random.normal(0, 0.15), random.normal(0, 0.15)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Handwriting is narrower than print.
    matrix = turn @ np.array([[random.uniform(1, 1.5), shear], [0, 1]])
    # What the middle of the new image shows of the old one.
    centre = np.array([(left + right) / 2, (top + bottom) / 2]) + random.normal(0, 0.03 * _DRAWN_SIDE, 2)
    offset = centre - matrix @ np.array([middle, middle])
    coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
    turned = canvas.transform(canvas.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    blurred = turned.filter(ImageFilter.GaussianBlur(random.uniform(0, 2)))
    small = blurred.resize((_DIGIT_SIDE, _DIGIT_SIDE), Image.Resampling.BOX)
    return np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def train_backbone(images: np.ndarray, labels: np.ndarray, epochs: int = _EPOCHS) -> Any:
    """Trains the backbone to tell letters apart, and returns it without its classifier."""
    import keras
    import tensorflow as tf

    from models.network.backbones.small_cnn import small_cnn
    from models.settings import ImageModelSettings

    keras.utils.set_random_seed(_SEED)
    tf.config.experimental.enable_op_determinism()
    settings = ImageModelSettings(backbone="small_cnn", alpha=ALPHA, size=(SIDE, SIDE), channels=1)
    backbone = small_cnn(settings, (SIDE, SIDE, 1), _SEED)
    features = keras.layers.GlobalAveragePooling2D()(backbone.output)
    features = keras.layers.Dropout(0.2, seed=_SEED)(features)
    logits = keras.layers.Dense(len(LETTERS), kernel_initializer=keras.initializers.GlorotUniform(_SEED))(
        features
    )
    classifier = keras.Model(backbone.input, logits)
    steps = epochs * -(-len(images) // _BATCH_SIZE)
    classifier.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    classifier.fit(images.astype(np.float32), labels, _BATCH_SIZE, epochs, verbose=2)
    return backbone


if __name__ == "__main__":
    train_backbone(*draw_letters()).save_weights(sys.argv[1])
