"""Small images and tables, and what a source of records reads from them."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def make_image(seed: int, kind: str = "PNG", size: tuple[int, int] = (6, 5)) -> bytes:
    """Encodes noise; each seed gives another image."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def image_of() -> Callable[..., bytes]:
    """Encodes an image: `image_of(seed, kind="PNG", size=(6, 5))`."""
    return make_image


@pytest.fixture
def write_images(tmp_path) -> Callable[..., Path]:
    """Writes a folder of images: `write_images({"cat": 12, "dog": 5}, name="images")`."""

    def write(classes: dict[str, int], name: str = "images", first_seed: int = 0) -> Path:
        seed = first_seed
        for label, count in classes.items():
            folder = tmp_path / name / label
            folder.mkdir(parents=True)
            for number in range(count):
                (folder / f"{label}{number}.png").write_bytes(make_image(seed))
                seed += 1
        return tmp_path / name

    return write


@pytest.fixture
def write_csv(tmp_path) -> Callable[..., Path]:
    """Writes a table: `write_csv(columns, rows, name="table.csv")`."""

    def write(columns: Sequence[str], rows: Sequence[Sequence[object]], name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(columns)
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def read_all() -> Callable[..., list]:
    """Reads every record of a source, chunk by chunk."""

    def read(source) -> list:
        return [record for chunk in source.chunks() for record in source.read(chunk)]

    return read
