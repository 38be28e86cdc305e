"""Samplings of training records: how often each draws a class, by the class's count."""

from dataclasses import dataclass

from models.catalogue.row import Row

_KANG = (
    'Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020, '
    "https://arxiv.org/abs/1910.09217"
)


@dataclass(frozen=True)
class SamplingRow(Row):
    """A sampling that draws a class of n records with a probability in proportion to `n**exponent`.

    Attributes:
        exponent: In the first epoch.
        last_exponent: In the last epoch, towards which the probabilities move in equal steps; None stays at the first.
    """

    exponent: float = 1.0
    last_exponent: float | None = None


SAMPLINGS: tuple[SamplingRow, ...] = (
    SamplingRow("natural", source=_KANG, summary="as often as it occurs", searched=True),
    SamplingRow("class_balanced", source=_KANG, summary="as often as any other", searched=True, exponent=0.0),
    SamplingRow("sqrt", source=_KANG, summary="by the square root of its count", searched=True, exponent=0.5),
    SamplingRow(
        "progressive",
        source=_KANG,
        summary="from natural in the first epoch to class_balanced in the last",
        last_exponent=0.0,
    ),
)
# Of the second of two branches; no experiment names it.
REVERSED = SamplingRow(
    "reversed",
    source='Zhou et al., "BBN: Bilateral-Branch Network with Cumulative Learning for Long-Tailed Visual Recognition", '
    "2020, https://arxiv.org/abs/1912.02413",
    exponent=-1.0,
)
REVERSED_ENDING = f"_{REVERSED.name}"  # Of the names of the second record's inputs.
