"""Settings of the server of the exported model."""

from pydantic import Field

from core.settings import Settings


class ServingSettings(Settings):
    """How the server gathers single requests into batches."""

    max_batch: int = Field(64, ge=1, description="Most records in one batch.")
    batch_timeout_ms: int = Field(
        5, ge=0, description="Longest wait, in milliseconds, for a batch to fill before it is run."
    )
