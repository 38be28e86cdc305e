"""Accounts for a table's columns: what each is used as, or why it is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.stratified_example_gen.columns import Role, Tally, column_roles, shown
from components.stratified_example_gen.rounding import spacing
from components.stratified_example_gen.settings import DataSettings, SplitColumn
from core.documents.split_summary import ColumnAccount
from core.errors import InputError

_WORDS: Mapping[Role, str] = {
    "integer": "numeric (whole numbers)",
    "number": "numeric",
    "category": "categorical",
}
# Transform tells so many values of a column apart.
_FEWEST_LEVELS = 512
# Of the values looked at, the share that may become one with another before it is worth a word.
_LEAST_MERGED_SHARE = 0.001
_MOSTLY = 0.5


@dataclass(frozen=True)
class ColumnDecision:
    """What was decided about a table's columns.

    Attributes:
        roles: Column read as a feature to what it is to the model.
        account: See `column_account`.
        notes: Likewise.
    """

    roles: dict[str, Role]
    account: ColumnAccount
    notes: list[str]


def decide_columns(tallies: dict[str, Tally], settings: DataSettings) -> ColumnDecision:
    """Decides what every column is to the model, and accounts for it.

    Args:
        tallies: Column read as a feature to what its cells hold.
        settings: The data settings; a reviewed schema that they name is read.

    Raises:
        InputError: See `column_roles` and `column_account`.
    """
    schema = read_schema(settings)
    roles = with_schema_types(column_roles(tallies, settings.numeric, settings.categorical), schema)
    return ColumnDecision(roles, *column_account(tallies, roles, settings, schema))


def column_account(
    tallies: Mapping[str, Tally],
    roles: Mapping[str, Role],
    settings: DataSettings,
    schema: Mapping[str, Role] | None = None,
) -> tuple[ColumnAccount, list[str]]:
    """Says what became of every column.

    Args:
        tallies: Column read as a feature to what it holds.
        roles: The same to what it is to the model.
        settings: The data settings, which name the others.
        schema: Feature of the reviewed schema to what it is, or None where there is none.

    Returns:
        What each column is used as, or why it is left out; and what else is to be said, in sentences.

    Raises:
        InputError: Numbers of a column would all become the same.
    """
    if settings.format == "image_folder":
        return ColumnAccount(used={}, left_out={}), []
    named = {settings.label: "label", settings.group: "group", settings.time: "time", settings.image: "image"}
    if isinstance(settings.splits, SplitColumn):
        named[settings.splits.column] = "split"
    used = {name: word for name, word in named.items() if name is not None}
    left_out = dict.fromkeys(settings.drop, "data.drop names it")
    notes: list[str] = []
    for name, tally in tallies.items():
        if schema is not None and name not in schema:
            left_out[name] = "data.schema does not have it"
            continue
        used[name] = _WORDS[roles[name]]
        listed = settings.categorical != "auto" and name in settings.categorical
        asked = listed or (schema is not None and schema[name] == "category")
        notes += _notes(name, tally, roles[name], asked)
    return ColumnAccount(used=used, left_out=left_out), notes


def with_schema_types(roles: Mapping[str, Role], schema: Mapping[str, Role] | None) -> dict[str, Role]:
    """Stores numbers as the reviewed schema has them: whole, not whole, or as text; text cannot become a number."""
    if schema is None:
        return dict(roles)
    return {name: role if role == "category" else schema.get(name, role) for name, role in roles.items()}


def _notes(name: str, tally: Tally, role: Role, is_asked: bool) -> list[str]:
    if not tally.present:
        return [f"Column {name!r} is empty in every record: there is nothing to learn from it."]
    if role == "category":
        # Numbers that are codes are listed as such; a column of both is told of all the same.
        return [] if is_asked and tally.first_odd is None else _notes_on_category(name, tally)
    return _notes_on_numbers(name, tally, role)


def _notes_on_category(name: str, tally: Tally) -> list[str]:
    """Says that a column that looks like numbers is read as categories, for want of a number in every cell."""
    numbers = tally.values + tally.infinite
    if numbers > _MOSTLY * tally.present:
        assert tally.first_odd is not None
        key, cell = tally.first_odd
        return [
            f"Column {name!r}: {numbers:,} of {tally.present:,} cells are numbers, but {shown(cell)} in {key} is "
            "none: read as categories. Mend such cells, or leave them empty, to have it as numbers."
        ]
    if numbers + tally.measures > _MOSTLY * tally.present:
        assert tally.first_measure is not None
        key, cell = tally.first_measure
        return [
            f"Column {name!r}: {tally.measures:,} of {tally.present:,} cells are numbers with a currency, a unit or "
            f"other marks, such as {shown(cell)} in {key}: read as categories. Write plain numbers, as in 1234.5, to "
            "have it as numbers."
        ]
    return []


def _notes_on_numbers(name: str, tally: Tally, role: Role) -> list[str]:
    notes = []
    if tally.infinite:
        assert tally.first_infinite is not None
        key, cell = tally.first_infinite
        notes.append(
            f"Column {name!r}: {_cells(tally.infinite)} infinite or beyond what float32 holds, such as {shown(cell)} in "
            f"{key}: read as missing."
        )
    if tally.words:
        assert tally.first_word is not None
        key, cell = tally.first_word
        notes.append(
            f"Column {name!r}: {_cells(tally.words)} no number but a word such as {shown(cell)} in {key}: read as missing."
        )
    if (
        tally.values
        and tally.least == tally.greatest
        and not (tally.missing or tally.infinite or tally.words)
    ):
        notes.append(
            f"Column {name!r} holds {tally.least:g} in every record: there is nothing to learn from it."
        )
    return notes + (_notes_on_rounding(name, tally) if role == "number" else [])


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count:,} cells are"


def _notes_on_rounding(name: str, tally: Tally) -> list[str]:
    """Says that float32 cannot tell values apart.

    Raises:
        InputError: It leaves fewer values than Transform would tell apart.
    """
    if not tally.first_merged or tally.merged < _LEAST_MERGED_SHARE * tally.checked:
        return []
    assert tally.least is not None and tally.greatest is not None
    step = spacing(max(abs(tally.least), abs(tally.greatest)))
    first, second = tally.first_merged
    problem = (
        f"Column {name!r}: its numbers are stored as float32, which holds one in {step:g} of this size: {first} and "
        f"{second} become the same."
    )
    if tally.greatest - tally.least < _FEWEST_LEVELS * step:
        raise InputError(
            f"{problem} Too little of the column is left to learn from. Take a constant off it (such as its least value), "
            "write whole numbers (as in milliseconds), or name it in data.categorical or data.drop."
        )
    return [f"{problem} Take a constant off it, or write whole numbers, where such differences matter."]


def read_schema(settings: DataSettings) -> dict[str, Role] | None:
    """Reads the reviewed schema: feature to what its type says it is; None where the settings name none.

    Features that are given up, or not yet in use, are left out.

    Raises:
        InputError: The file is no schema.
    """
    if settings.schema_path is None:
        return None
    try:
        with open(settings.schema_path, encoding="utf-8") as handle:
            schema: Any = text_format.Parse(handle.read(), schema_pb2.Schema())
    except (OSError, ValueError, text_format.ParseError) as err:
        raise InputError(f"data.schema: {settings.schema_path} cannot be read as a schema ({err}).") from err
    types: Mapping[int, Role] = {schema_pb2.INT: "integer", schema_pb2.FLOAT: "number"}
    # As Transform takes them.
    taken = (schema_pb2.UNKNOWN_STAGE, schema_pb2.BETA, schema_pb2.PRODUCTION)
    return {
        feature.name: types.get(feature.type, "category")
        for feature in schema.feature
        if feature.lifecycle_stage in taken
    }
