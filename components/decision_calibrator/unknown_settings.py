"""Settings of the decision `unknown`: records that are like none of the classes."""

from pydantic import Field

from core.settings import Settings


class UnknownSettings(Settings):
    """Which records are called unknown: those unlike all that was trained on."""

    max_false_alarm: float = Field(
        gt=0,
        le=0.5,
        description="Most of all records of the known classes that may be called unknown, as a share, where the model is "
        "used; at least one over the number of held-out records.",
    )
