"""Checks what can be known to fail of new data before TensorFlow is imported."""

from components.stratified_example_gen.settings import IMAGE_KEY, DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import Table
from components.unlabelled_example_gen.settings import BulkInferenceSettings
from components.unlabelled_example_gen.sources import open_unlabelled
from core.errors import InputError


def check_new_data(settings: BulkInferenceSettings, data: DataSettings, seed: int) -> None:
    """Checks that new data are there, and have the columns that the model is known to take.

    Args:
        settings: Of the new data.
        data: Of the data to learn from, which have been looked at.
        seed: As for the data to learn from.

    Raises:
        InputError: Where there is nothing, a folder holds no files, or a column is missing.
    """
    try:
        source = open_unlabelled(
            settings.path, _certain_kinds(data, seed), data.max_image_pixels, data.format
        )
        if data.format == "image_folder":
            source.chunks()
    except InputError as err:
        raise InputError(f"bulk_inference.path: {err}") from err


def _certain_kinds(data: DataSettings, seed: int) -> dict[str, str]:
    """Returns the features that the model takes whatever the data hold.

    A number is asked for where the stage reads the records, by the schema.
    """
    if data.format == "image_folder":
        return {IMAGE_KEY: "image"}
    image = {} if data.image is None else {data.image: "image"}
    if data.schema_path is not None:
        # What the schema leaves out, the model does not take.
        return image
    source = open_source(data, seed)
    assert isinstance(source, Table)
    return dict.fromkeys(source.columns, "text") | image
