"""Settings of the trial that an exported model must pass before it is pushed."""

from pydantic import Field

from core.settings import Settings


class ServingValidationSettings(Settings):
    """What the exported model must stand, loaded in a fresh process."""

    records: int = Field(
        64, ge=1, le=4096, description="Test records that are asked, all classes mixed; each class has some."
    )
    tolerance: float = Field(
        1e-5,
        gt=0,
        lt=1,
        description="Most that a served probability may differ from the one the trained model computes in Python.",
    )
    time_limit: float = Field(
        600.0, gt=0, description="Seconds the process has to load the model and to answer everything."
    )
