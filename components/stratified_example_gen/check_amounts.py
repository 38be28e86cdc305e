"""Checks the columns that costs are made of, in every record, before TensorFlow is imported."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from components.stratified_example_gen.column_account import read_schema
from components.stratified_example_gen.columns import shown
from components.stratified_example_gen.number_spelling import plain_number
from components.stratified_example_gen.records import Record, Source
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import Table
from core.documents.record_costs import LARGEST_AMOUNT
from core.errors import InputError
from core.printable import listed, printable

_SHOWN = 5


@dataclass
class _Faults:
    """Cells of a column of which no cost can be made."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, key: str, cell: str | None) -> None:
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"{printable(key)} ({'nothing' if cell is None else shown(cell)})")


def check_amounts(settings: DataSettings, seed: int, columns: Sequence[str]) -> None:
    """Checks that every record that can be read has an amount in each column.

    Which records are held out is not known yet, and test decides by its costs, too; so all of them need one.

    Args:
        settings: Of the data.
        seed: Of the experiment.
        columns: Features that costs are made of.

    Raises:
        InputError: The data have no columns, one is no number, or a record has no amount from 0 to 1e15.
    """
    if not columns:
        return
    if settings.format == "image_folder":
        raise InputError(
            f"decision.costs names {listed([*map(repr, columns)])}, a column of a table; an image_folder has none. Give "
            "costs as numbers, or the images' paths in a table by data.image."
        )
    schema = read_schema(settings)
    for name in columns:
        if settings.categorical != "auto" and name in settings.categorical:
            raise InputError(
                f"decision.costs: column {name!r} is listed in data.categorical, and no cost is made of a category. Take "
                "it out there, or name a numeric column."
            )
        if schema is not None and name not in schema:
            raise InputError(
                f"decision.costs: {settings.schema_path} has no feature {name!r}. Add it to the schema, or name "
                "another column."
            )
    faults, total = _faults(settings, seed, columns)
    for name, found in faults.items():
        if found.count:
            raise InputError(
                f"decision.costs: column {name!r} has no amount from 0 to {LARGEST_AMOUNT:g} in {found.count:,} of "
                f"{total:,} records: {listed(found.first)}{' and more' if found.count > len(found.first) else ''}. A "
                "decision by costs needs the amount of every record. Fill it in, leave such rows out, or name another "
                "numeric column."
            )


def _faults(settings: DataSettings, seed: int, columns: Sequence[str]) -> tuple[dict[str, _Faults], int]:
    source = open_source(settings, seed)
    assert isinstance(source, Table)
    numeric = tuple(name for name in source.numeric if name in columns)
    # Neither images nor other cells say anything of it.
    narrow = cast(Source, dataclasses.replace(source, columns=tuple(columns), numeric=numeric, image=None))
    faults, total = {name: _Faults() for name in columns}, 0
    for chunk in narrow.chunks():
        for record in narrow.read(chunk):
            # What cannot be read is refused or left out, and counted, where records are read.
            if not isinstance(record, Record):
                continue
            total += 1
            for name, found in faults.items():
                cell = record.cells[name]
                plain = None if cell is None else plain_number(cell)
                if plain is None or not 0 <= float(plain) <= LARGEST_AMOUNT:
                    found.add(record.key, cell)
    return faults, total
