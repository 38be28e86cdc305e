"""Settings of new data that are to be scored in the pipeline."""

from typing import Literal

from pydantic import Field

from core.settings import Settings


class BulkInferenceSettings(Settings):
    """New records, with or without a class, that the run scores once its model is pushed."""

    path: str = Field(
        min_length=1,
        description="File, pattern of files or folder of images, in the format of `data`, relative to the experiment "
        "file; a folder of images needs no folder per class.",
    )
    on_bad_record: Literal["fail", "skip"] = Field(
        "fail", description="skip leaves out new records that cannot be read, and names them at the end."
    )
