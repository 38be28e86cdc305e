"""SplitSummary: what became of the data, as StratifiedExampleGen writes it."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from core.documents.document import Document, Part
from core.documents.file_access import LOCAL, FileAccess
from core.documents.time_summary import TimeSummary
from core.documents.values import Count, Number


class Duplicates(Part):
    """Records equal to another.

    Attributes:
        policy: `drop`, `keep_together` or `error`.
        found: Records equal to another of their class.
        dropped: Those of them that were left out.
        moved: Records put into the split in which an equal one is held out.
        contradictory: Records equal to one of another class.
    """

    policy: str
    found: Count
    dropped: Count
    moved: Count = 0
    contradictory: Count = 0


class LeftOutThing(Part):
    """A bad record, or something that is no record: where it is, and why it is left out."""

    where: str
    why: str


class Sighting(Part):
    """An image, by the key of its record, and the split it is in."""

    key: str
    split: str


class NearDuplicates(Part):
    """Pairs of images that look alike.

    Attributes:
        pairs: Their number.
        crossing: The pairs of them in two splits.
        shown: The first pairs, those in two splits before others.
    """

    pairs: Count = 0
    crossing: Count = 0
    shown: tuple[tuple[Sighting, Sighting], ...] = ()


class ColumnAccount(Part):
    """Columns of a table: what each is used as, and why others are left out; none for a folder of images."""

    used: dict[str, str] = Field(default_factory=dict)
    left_out: dict[str, str] = Field(default_factory=dict)


class RecordCounts(Part):
    """Records found = used + duplicates + bad + in_gap + continuing + removed.

    Attributes:
        found: All of them.
        used: Those in a split.
        duplicates: Those left out as equal to another.
        bad: Those that cannot be used.
        repeats: Used or dropped ones that are equal to another of their class.
        moved: Used ones put into the split in which an equal one is held out.
        in_gap: Those in a gap between splits by time.
        continuing: Those left out because their group goes on in a later split.
        removed: Those that a person had left out.
    """

    found: Count
    used: Count
    duplicates: Count
    bad: Count
    repeats: Count
    moved: Count
    in_gap: Count = 0
    continuing: Count = 0
    removed: Count = 0


class Account(Part):
    """The account of the records.

    Attributes:
        records: Of all classes together.
        classes: Of each class, the commonest first.
        bad_without_class: Bad records whose class is not known; they are in `records.bad` alone.
        files: Number of things that are no records.
    """

    records: RecordCounts
    classes: dict[str, RecordCounts]
    bad_without_class: Count
    files: Count


class CorrectedRecord(Part):
    """A record of which a person said what it is: its key, its class in the data, and its class, empty if left out."""

    key: str
    was: str
    label: str


class AppliedCorrections(Part):
    """What corrections changed.

    Attributes:
        file: Name of the file they are of.
        relabelled: Records that are of another class than the data say.
        left_out: Records that are left out.
        confirmed: Records of which a person said that the data are right.
        changes: Class in the data to the class it was changed to, to number of records.
        shown: The first of those that are changed or left out.
    """

    file: str
    relabelled: Count
    left_out: Count
    confirmed: Count
    changes: dict[str, dict[str, Count]]
    shown: tuple[CorrectedRecord, ...]


class SplitSummary(Document):
    """What went where.

    Attributes:
        splits: Names of the splits.
        classes: Class to split to number of records.
        duplicates: Records equal to another.
        deviation: Class to the most records that a split has too many or too few of; None for given splits.
        skipped: The first bad records.
        skipped_count: Number of bad records.
        files_left_out: The first things that are no records.
        files_left_out_count: Number of these.
        account: Found = used + left out, class by class; None of a generator that keeps none.
        columns: Columns used and left out.
        notes: What else is to be said of the data, in sentences.
        near_duplicates: Images that look alike.
        time: The records over time; None where no column holds their times.
        corrections: What a person said of records; None without any.
    """

    FILE_NAME: ClassVar[str] = "split_summary.json"

    splits: tuple[str, ...]
    classes: dict[str, dict[str, Count]]
    duplicates: Duplicates
    deviation: dict[str, Number | None] = Field(default_factory=dict)
    skipped: tuple[LeftOutThing, ...] = ()
    skipped_count: Count = 0
    files_left_out: tuple[LeftOutThing, ...] = ()
    files_left_out_count: Count = 0
    account: Account | None = None
    columns: ColumnAccount | None = None
    notes: tuple[str, ...] = ()
    near_duplicates: NearDuplicates = NearDuplicates()
    time: TimeSummary | None = None
    corrections: AppliedCorrections | None = None

    @classmethod
    def records_per_day_of(cls, folder: str, files: FileAccess = LOCAL) -> float | None:
        """Returns how many records arrive in a day, as the document of a folder has it; None where that is not known."""
        summary = cls.read_if_there(folder, files)
        return None if summary is None or summary.time is None else summary.time.records_per_day

    def with_rest(
        self,
        columns: ColumnAccount,
        notes: Sequence[str],
        near_duplicates: NearDuplicates,
        time: TimeSummary | None = None,
    ) -> "SplitSummary":
        """Returns the summary with what is known of columns, images and times besides the counts."""
        rest = {"columns": columns, "notes": tuple(notes), "near_duplicates": near_duplicates}
        return self.model_copy(update=rest if time is None else {**rest, "time": time})
