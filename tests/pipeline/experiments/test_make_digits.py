"""The demo's data."""

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from pipeline.experiments.make_digits import (
    EVAL_PER_CLASS,
    IMBALANCE_RATIO,
    LARGEST_CLASS,
    TEST_PER_CLASS,
    long_tail,
    write_digits,
)


def count(folder):
    return [len(list((folder / str(digit)).iterdir())) for digit in range(10)]


def test_train_has_a_long_tail_and_the_other_parts_are_balanced(tmp_path):
    write_digits(tmp_path)
    sizes = count(tmp_path / "train")
    assert sizes == sorted(sizes, reverse=True) == long_tail(10)
    assert sizes[0] == LARGEST_CLASS == sizes[-1] * IMBALANCE_RATIO
    assert count(tmp_path / "test") == [TEST_PER_CLASS] * 10
    assert count(tmp_path / "eval") == [EVAL_PER_CLASS] * 10


def test_no_image_stands_in_two_parts_and_labels_are_right(tmp_path):
    write_digits(tmp_path)
    digits = load_digits()
    seen = set()
    for path in tmp_path.glob("*/*/*.png"):
        row = int(path.stem)
        assert row not in seen
        seen.add(row)
        assert digits.target[row] == int(path.parent.name)
    path = next(tmp_path.glob("test/3/*.png"))
    np.testing.assert_array_equal(
        np.asarray(Image.open(path)), np.round(digits.images[int(path.stem)] * 255 / 16)
    )


def test_second_call_touches_nothing(tmp_path):
    write_digits(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*/*.png")}
    write_digits(tmp_path)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*/*.png")}
