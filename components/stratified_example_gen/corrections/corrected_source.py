"""Source of records whose classes a person corrected, or that a person had left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from components.stratified_example_gen.check_data import class_counts
from components.stratified_example_gen.class_names import class_place
from components.stratified_example_gen.corrections.corrections_file import Correction, read_corrections
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record, Source
from components.stratified_example_gen.settings import DataSettings
from core.canonical_text import clean_text
from core.errors import InputError
from core.printable import listed, shortened
from core.suggestions import nearest

REMOVED = "is left out by data.corrections"


def corrections_of(settings: DataSettings) -> dict[str, Correction]:
    """Reads the corrections of an experiment, with classes as the data spell them.

    Raises:
        InputError: The file cannot be read, or names a class that the data do not have.
    """
    if settings.corrections is None:
        return {}
    spellings = sorted(class_counts(settings))
    found = read_corrections(settings.corrections)
    places = {name: class_place(spellings, name) for name in {one.label for one in found.values()} if name}
    for key, one in found.items():
        if one.label is not None and places[one.label] < 0:
            hint = nearest(one.label, spellings)
            raise InputError(
                f"data.corrections: {settings.corrections} gives {shortened(key, 200)!r} the class {one.label!r}, which "
                f"the data do not have.{f' Did you mean {hint!r}?' if hint else ''} Classes: {listed(spellings)}."
            )
    return {
        key: one if one.label is None else replace(one, label=spellings[places[one.label]])
        for key, one in found.items()
    }


@dataclass(frozen=True)
class CorrectedSource:
    """A source of records, corrected.

    Attributes:
        source: The data as they are.
        corrections: Key to correction.
    """

    source: Source
    corrections: Mapping[str, Correction]

    def chunks(self) -> list[Chunk]:
        return self.source.chunks()

    def left_out(self) -> list[LeftOut]:
        return self.source.left_out()

    def notes(self) -> list[str]:
        return self.source.notes()

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        for record in self.source.read(chunk):
            correction = self.corrections.get(record.key)
            yield record if correction is None else _corrected(record, correction)


def _corrected(record: Record | BadRecord, correction: Correction) -> Record | BadRecord:
    if correction.label is None:
        return BadRecord(record.key, REMOVED, record.label, is_removed=True)
    if isinstance(record, BadRecord):
        return replace(
            record, why=f"{record.why}, which the class that data.corrections gives it does not mend"
        )
    same = clean_text(correction.label) == clean_text(record.label)
    return replace(record, label=record.label if same else correction.label, label_in_data=record.label)


def with_corrections(source: Source, settings: DataSettings) -> Source:
    """Returns the source with the corrections of the settings applied to it; itself where there are none."""
    return source if settings.corrections is None else CorrectedSource(source, corrections_of(settings))
