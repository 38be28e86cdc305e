"""Settings of the data: where they are, what their columns mean, how they are split."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, field_validator, model_validator

from core.features import BOOKKEEPING
from core.image_header import MAX_IMAGE_PIXELS
from core.named_in_data import ColumnName
from core.settings import Settings
from core.times.duration import parse_duration
from core.times.moment import parse_moment

SPLITS = ("train", "eval", "test")
Format = Literal["image_folder", "csv", "parquet", "tfrecord"]
IMAGE_KEY = "image"  # Feature of the image where it comes from a folder; a table's column keeps its name.


def _checked_duration(value: str) -> str:
    parse_duration(value)
    return value


class SplitShares(Settings):
    """Shares of the records that each split gets; they sum to 1."""

    train: float = Field(0.7, gt=0, lt=1, description="Share of the records in train.")
    eval: float = Field(0.15, gt=0, lt=1, description="Share of the records in eval.")
    test: float = Field(0.15, gt=0, lt=1, description="Share of the records in test.")

    @model_validator(mode="after")
    def _sum_to_one(self) -> "SplitShares":
        total = self.train + self.eval + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(
                f"The shares of train, eval and test must sum to 1. Received: {self.train} + {self.eval} + "
                f"{self.test} = {total:g}"
            )
        return self

    def as_dict(self) -> dict[str, float]:
        return {"train": self.train, "eval": self.eval, "test": self.test}


class SplitColumn(Settings):
    """A column that says each record's split: train, eval (or val, valid, validation) or test."""

    column: ColumnName = Field(min_length=1, description="Name of the column.")
    eval: float = Field(
        0.15, gt=0, lt=1, description="Share of train cut off as eval where no record says eval."
    )


class SplitPaths(Settings):
    """Data that come split: a path for each split."""

    train: str = Field(description="File or folder of the train split, relative to the experiment file.")
    test: str = Field(description="File or folder of the test split.")
    eval: str | float = Field(
        0.15, description="File or folder of the eval split, or the share of train to cut off for it."
    )

    @field_validator("eval")
    @classmethod
    def _share_in_range(cls, value: str | float) -> str | float:
        if not isinstance(value, str) and not 0 < value < 1:
            raise ValueError(f"Expected a path, or a share between 0 and 1. Received: {value}")
        return value


class SplitTimeShares(SplitShares):
    """Shares of the records, in the order of their times, that each split gets."""

    gap: str = Field(
        "0s", description="How long before eval, and before test, records are left out: 7d, 12h, 30min."
    )

    _gap_is_a_duration = field_validator("gap")(_checked_duration)


class SplitTimeBorders(Settings):
    """Times from which on records are in eval, and in test."""

    eval_from: str = Field(description="First day or time of eval, as in 2024-05-01.")
    test_from: str = Field(description="First day or time of test.")
    gap: str = Field(
        "0s", description="How long before eval, and before test, records are left out: 7d, 12h, 30min."
    )

    _gap_is_a_duration = field_validator("gap")(_checked_duration)

    @model_validator(mode="after")
    def _in_order(self) -> "SplitTimeBorders":
        eval_from, test_from = parse_moment(self.eval_from), parse_moment(self.test_from)
        if eval_from >= test_from:
            raise ValueError(
                f"eval comes before test. Received: eval_from={self.eval_from} and test_from={self.test_from}"
            )
        if test_from - eval_from <= parse_duration(self.gap):
            raise ValueError(
                f"The gap before test leaves no time for eval. Received: gap={self.gap} with eval_from="
                f"{self.eval_from} and test_from={self.test_from}"
            )
        return self


def _time_kind(value: Any) -> str:
    if isinstance(value, BaseModel):
        return type(value).__name__
    return (
        "SplitTimeBorders"
        if isinstance(value, dict) and {"eval_from", "test_from"} & value.keys()
        else "SplitTimeShares"
    )


class SplitTime(Settings):
    """Splits by the time of the records, `data.time`: all of train before all of eval, and that before test."""

    time: Annotated[
        Annotated[SplitTimeShares, Tag("SplitTimeShares")]
        | Annotated[SplitTimeBorders, Tag("SplitTimeBorders")],
        Discriminator(_time_kind),
    ] = Field(
        description="Shares of train, eval and test in the order of time, or {eval_from: DATE, test_from: DATE}."
    )

    @property
    def gap(self) -> int:
        """Microseconds before eval, and before test, whose records are left out."""
        return parse_duration(self.time.gap)


def _splits_kind(value: Any) -> str:
    if isinstance(value, BaseModel):
        return type(value).__name__
    if isinstance(value, dict) and "time" in value:
        return "SplitTime"
    if isinstance(value, dict) and "column" in value:
        return "SplitColumn"
    if isinstance(value, dict) and any(isinstance(value.get(key), str) for key in ("train", "test")):
        return "SplitPaths"
    return "SplitShares"


Splits = Annotated[
    Annotated[SplitShares, Tag("SplitShares")]
    | Annotated[SplitColumn, Tag("SplitColumn")]
    | Annotated[SplitPaths, Tag("SplitPaths")]
    | Annotated[SplitTime, Tag("SplitTime")],
    Discriminator(_splits_kind),
]


class DataSettings(Settings):
    """Where the records are, what their columns mean, and how they are split."""

    format: Format = Field(
        description="image_folder is one folder per class, read with all folders below it."
    )
    path: str | None = Field(
        None,
        description="File or folder, relative to the experiment file; left out where `splits` names paths.",
    )
    label: ColumnName = Field(
        "label",
        min_length=1,
        description="Column of the class; for image_folder the feature that its folder's name becomes.",
    )
    image: ColumnName | None = Field(
        None, description="Column with an image file's path, relative to the table and inside its folder."
    )
    group: ColumnName | None = Field(None, description="Column whose rows must stay in one split.")
    time: ColumnName | None = Field(
        None,
        min_length=1,
        description="Column of each record's time: ISO 8601, another usual way to write dates, or numbers since 1970; "
        "never a feature of the model.",
    )
    day_first: bool | None = Field(
        None,
        description="Whether 03/04/2024 in the column of `time` is the 3rd of April; null asks where that is open.",
    )
    time_unit: Literal["s", "min", "h", "d"] | None = Field(
        None,
        description="What the numbers of `time` count, as days do that are numbered from 0; null tells seconds, milliseconds "
        "and finer ones since 1970 apart by their size.",
    )
    numeric: Literal["auto"] | tuple[ColumnName, ...] = Field(
        "auto", description="Numeric columns; auto takes those that hold numbers only."
    )
    categorical: Literal["auto"] | tuple[ColumnName, ...] = Field(
        "auto", description="Categorical columns; auto takes those that hold text."
    )
    drop: tuple[ColumnName, ...] = Field((), description="Columns to leave out.")
    splits: Splits = Field(
        default_factory=SplitShares,
        description="Shares, {column: NAME}, a path per split, or {time: {…}} for splits in the order of `time`.",
    )
    duplicates: Literal["drop", "keep_together", "error"] = Field(
        "keep_together",
        description="What to do with records whose content and class are equal: keep_together keeps them in one split "
        "and the classes' shares as they are; drop keeps the first of them; error refuses them.",
    )
    on_bad_record: Literal["fail", "skip"] = Field(
        "fail", description="skip leaves unreadable records out and lists them in the report."
    )
    max_image_pixels: int = Field(
        MAX_IMAGE_PIXELS,
        ge=64,
        description="An image that declares more pixels is refused before it is decoded.",
    )
    corrections: str | None = Field(
        None,
        description="CSV file of what a person said of records, as the page of `counterpoise review` saves it: their key, "
        "and their label, empty to leave the record out. The data stay as they are.",
    )
    schema_path: str | None = Field(
        None, alias="schema", description="A reviewed schema.pbtxt to import instead of inferring one."
    )

    @property
    def image_feature(self) -> str | None:
        """The feature that holds the encoded image; None where the records have none."""
        return IMAGE_KEY if self.format == "image_folder" else self.image

    @model_validator(mode="after")
    def _columns_fit_format(self) -> "DataSettings":
        if self.path is None and not isinstance(self.splits, SplitPaths):
            raise ValueError(
                "`path` is missing: name the file or folder of the data, or a path per split in `splits`."
            )
        if self.path is not None and isinstance(self.splits, SplitPaths):
            raise ValueError(
                f"Give either `path` or a path per split, not both. Received: path={self.path!r} and "
                f"splits.train={self.splits.train!r}"
            )
        if self.format == "image_folder":
            if self.image is not None or isinstance(self.splits, SplitColumn):
                raise ValueError(
                    "`image` and `splits.column` name columns of a table; an image_folder has none."
                )
            if self.time is not None or isinstance(self.splits, SplitTime):
                raise ValueError(
                    "`time` and `splits.time` go by a column of a table; an image_folder has none. Write a table with a "
                    "row for each image, its path in the column that `image` names, and its time."
                )
            if self.label in (IMAGE_KEY, *BOOKKEEPING):
                raise ValueError(
                    f"`label` must not be {', '.join(map(repr, (IMAGE_KEY, *BOOKKEEPING)))}, as other features of the "
                    f"records are called. Received: {self.label!r}. Leave it out, or call it 'label'."
                )
            return self
        if isinstance(self.splits, SplitTime) and self.time is None:
            raise ValueError(
                "`splits.time` orders records by their time, and `time` names no column. Name it in data.time, or split "
                "by shares."
            )
        for key in ("day_first", "time_unit"):
            if getattr(self, key) is not None and self.time is None:
                raise ValueError(f"`{key}` is about the column of `time`, which names none. Leave it out.")
        roles: dict[str, tuple[str, ...]] = {"label": (self.label,)}
        for role in ("image", "group", "time"):
            roles[role] = () if getattr(self, role) is None else (getattr(self, role),)
        if isinstance(self.splits, SplitColumn):
            roles["splits.column"] = (self.splits.column,)
        for role in ("numeric", "categorical", "drop"):
            roles[role] = () if getattr(self, role) == "auto" else getattr(self, role)
        taken: dict[str, str] = {}
        for role, names in roles.items():
            for name in names:
                if name in taken:
                    raise ValueError(
                        f"Column {name!r} is named both as `{taken[name]}` and in `{role}`: keep one."
                    )
                taken[name] = role
        return self
