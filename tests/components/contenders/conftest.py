"""What Transform makes of records is made as in the tests of models."""

from tests.models.conftest import data_of, example_fixture, transform_records  # noqa: F401
