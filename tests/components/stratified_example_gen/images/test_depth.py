"""Images of 12 bits in 16 are noticed before a model is trained on black."""

import numpy as np
import pytest
from PIL import Image

from components.stratified_example_gen.images.depth import depth_note


def write(folder, name, levels):
    Image.fromarray(levels).save(folder / name)
    return name


@pytest.mark.parametrize(("top", "is_noticed"), [(1023, True), (4095, True), (65535, False)])
def test_levels_that_fill_the_lowest_bits_are_noticed(tmp_path, top, is_noticed):
    levels = np.linspace(0, top, 64).reshape(8, 8).astype(np.uint16)
    files = [write(tmp_path, "a.png", levels), write(tmp_path, "b.png", np.full((8, 8), 9, np.uint8))]
    note = depth_note(str(tmp_path), files, 100)
    assert (note is not None) == is_noticed
    if note:
        assert note.startswith("1 of 2 images looked at, such as a.png, hold 16 bits")
        assert depth_note(str(tmp_path), files, 63) is None


def test_black_and_damaged_images_are_not(tmp_path):
    files = [write(tmp_path, "a.png", np.zeros((8, 8), np.uint16))]
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    assert depth_note(str(tmp_path), [*files, "b.png", "gone.png"], 100) is None
