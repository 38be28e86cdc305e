"""Sample of a table's rows, to see what its columns hold before all of it is read."""

from dataclasses import dataclass, field

from components.stratified_example_gen.csv.header import Header
from components.stratified_example_gen.csv.rows import Kind

# What is read and looked at in about a second.
WHOLE_BYTES = 4 * 2**20


@dataclass(frozen=True)
class TableSample:
    """Some or all rows of a table.

    Attributes:
        columns: Column to the text of its cells, in the order of the file.
        num_rows: Number of rows in the sample.
        num_ragged: Number of rows left out, for they have more or fewer cells than the header.
        unreadable: Number of rows left out, by what else is wrong with them.
        headers: A CSV file's path to its header.
        whole: Whether these are all rows.
        estimated_rows: Number of rows in the whole table; exact where `whole`.
        folder: Folder of the table.
        delimiter: What sets the cells apart in a CSV table; None elsewhere.
        pictures: Column that holds encoded images to some of these; empty where a cell is missing.
        may_name_images: Whether the pipeline looks for images by their path.
        unusable: Column whose cells are neither text nor pictures, and what they are.
    """

    columns: dict[str, tuple[str, ...]]
    num_rows: int
    num_ragged: int
    whole: bool
    estimated_rows: int
    folder: str
    delimiter: str | None = None
    pictures: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    may_name_images: bool = True
    unusable: dict[str, str] = field(default_factory=dict)
    unreadable: dict[Kind, int] = field(default_factory=dict)
    headers: dict[str, Header] = field(default_factory=dict)
