"""What the models' own tests are made of serves here too."""

from tests.models.conftest import data_of, transform_records  # noqa: F401
