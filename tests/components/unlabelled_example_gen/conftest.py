"""What the readers of labelled records are tested with."""

from tests.components.stratified_example_gen.conftest import image_of, write_csv, write_images  # noqa: F401
