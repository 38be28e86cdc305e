"""Settings of abstention: which records are left to a person."""

from pydantic import Field, model_validator

from core.settings import Settings


class AbstainSettings(Settings):
    """Which records the model leaves to a person; one of the three says it."""

    max_share: float | None = Field(
        None, gt=0, lt=1, description="The most doubtful records, no more of all than this share."
    )
    max_error: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="So many of the most doubtful records that of those decided on no more than this share is wrong.",
    )
    cost: float | None = Field(
        None,
        gt=0,
        description="What a person costs: records whose decision costs more in the mean, by decision.costs, by "
        "the costs of the rule cost_matrix, or by 1 a mistake of the rule argmax.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "AbstainSettings":
        given = {name: value for name, value in vars(self).items() if value is not None}
        if len(given) != 1:
            raise ValueError(
                f"Expected one of {', '.join(type(self).model_fields)}. Received: "
                f"{', '.join(f'{name}={value}' for name, value in given.items()) or 'none of them'}."
            )
        return self
