"""Writes the demo's data: handwritten digits with a long tail to train on, and balanced ones to choose by and to test on.

The digits are those that scikit-learn brings along (1,797 grey images of 8 x 8 pixels from the UCI
repository), so that nothing is downloaded. Usage: python -m pipeline.experiments.make_digits FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

TEST_PER_CLASS = 50
EVAL_PER_CLASS = 30
LARGEST_CLASS = 60
IMBALANCE_RATIO = 20
_SEED = 0
_DARKEST = 16  # Grey levels run from 0 to 16.


def long_tail(num_classes: int) -> list[int]:
    """Returns class sizes that fall exponentially, the first `IMBALANCE_RATIO` times the last."""
    return [
        round(LARGEST_CLASS * IMBALANCE_RATIO ** (-rank / (num_classes - 1))) for rank in range(num_classes)
    ]


def write_digits(folder: Path) -> None:
    """Writes `train/<digit>/`, `eval/<digit>/` and `test/<digit>/`; files that are there already are left untouched.

    Digit 0 is the commonest of train, digit 9 the rarest. The same images at every call.
    """
    digits = load_digits()
    order = np.random.default_rng(_SEED).permutation(len(digits.images))
    for digit, size in enumerate(long_tail(len(digits.target_names))):
        rows = order[digits.target[order] == digit]
        parts = {
            "test": rows[:TEST_PER_CLASS],
            "train": rows[TEST_PER_CLASS : TEST_PER_CLASS + size],
            "eval": rows[-EVAL_PER_CLASS:],
        }
        for split, chosen in parts.items():
            place = folder / split / str(digit)
            place.mkdir(parents=True, exist_ok=True)
            for row in chosen:
                path = place / f"{row:04d}.png"
                # A file written again would count as changed, and the run would not come from cache.
                if not path.exists():
                    pixels = np.round(digits.images[row] * (255 / _DARKEST)).astype(np.uint8)
                    Image.fromarray(pixels).save(path)


if __name__ == "__main__":
    write_digits(Path(sys.argv[1]))
