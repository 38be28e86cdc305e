"""Trees section of an experiment: gradient-boosted trees on the columns."""

from pydantic import Field

from core.settings import Settings


class TreesSettings(Settings):
    """Gradient-boosted oblivious trees beside the network, by the names that CatBoost gives its parameters."""

    enabled: bool = Field(False, description="Whether trees are fitted on the columns.")
    iterations: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Number of trees; null takes as many, at most 1000, as lower the log loss on eval.",
    )
    depth: int = Field(6, ge=1, le=10, description="Questions that a tree asks of a record.")
    learning_rate: float | None = Field(
        None, gt=0, le=1, description="Share of a tree's answer that counts; null leaves it to CatBoost."
    )
    l2_leaf_reg: float = Field(3.0, ge=0, le=1e6, description="Weight of the L2 penalty on a leaf's value.")
    one_hot_max_size: int = Field(
        2,
        ge=2,
        le=255,
        description="Most categories of a column that trees ask for one by one; where there are more, statistics of the "
        "categories and of their combinations stand for them.",
    )
