"""Finds rows of a table that repeat others, and what dropping them would do to the classes."""

from collections import Counter
from dataclasses import dataclass

from components.stratified_example_gen.table_sample import TableSample
from core.printable import printable
from pipeline.proposal.roles import Roles

# Fewer are nothing to decide about.
_TELLING_SHARE = 0.01


@dataclass(frozen=True)
class RepeatedRows:
    """How many of the rows looked at repeat another, class included.

    Attributes:
        num_rows: Rows looked at.
        num_repeats: Those that repeat an earlier one in every column that is used.
        rarest: The class that is rarest among all rows.
        share: Its share of all rows.
        share_of_different: Its share of the rows that are left once repeats are dropped.
    """

    num_rows: int
    num_repeats: int
    rarest: str
    share: float
    share_of_different: float

    @property
    def are_many(self) -> bool:
        return self.num_repeats > _TELLING_SHARE * self.num_rows

    def reason(self) -> str:
        """Says what to know before repeats are dropped."""
        return (
            f"{self.num_repeats:,} of {self.num_rows:,} rows looked at repeat another, class included. All are used, "
            f"equal ones in one split. `drop` would keep the first of each, and make the share of "
            f"{printable(self.rarest)} {self.share_of_different:.3f} instead of {self.share:.3f}"
        )


def find_repeated_rows(sample: TableSample, roles: Roles) -> RepeatedRows | None:
    """Counts repeated rows by the columns that the pipeline uses; None where pictures tell the rows apart.

    Args:
        sample: The rows looked at.
        roles: What the columns are for.
    """
    if roles.image is not None:
        return None
    used = [*roles.numeric, *roles.categorical, *roles.slips]
    labels = sample.columns[roles.label.name]
    rows = list(zip(*(sample.columns[name] for name in used), labels, strict=True))
    counts, of_different = Counter(labels), Counter(row[-1] for row in set(rows))
    rarest = min(counts, key=lambda name: (counts[name], name))
    different = of_different.total()
    return RepeatedRows(
        len(rows),
        len(rows) - different,
        rarest,
        counts[rarest] / len(rows),
        of_different[rarest] / different,
    )
