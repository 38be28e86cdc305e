"""Scores records with a pushed model, in chunks that Beam's workers take one by one."""

import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import apache_beam as beam
import tensorflow as tf
from apache_beam.options.pipeline_options import PipelineOptions

from components.bulk_inferrer.batch import BATCH
from components.prediction_table.rows import AnswerTable
from components.stratified_example_gen.records import BadRecord, Chunk, Record, Source
from components.unlabelled_example_gen.amounts import with_amounts
from components.unlabelled_example_gen.sources import NUMBERS, open_unlabelled
from core.documents.raw_inputs import RawFeature
from core.errors import InputError
from core.reasons import REASON_OUTPUTS
from core.spreadsheet_csv import SpreadsheetWriter
from pipeline.drift.unknown_values import ValueCounts, Vocabularies, merge_counts
from pipeline.kept_model import load_kept
from pipeline.output.scratch_folder import scratch_folder
from pipeline.pushed_model import PushedModel
from pipeline.reason_cells import EXPLAIN, reason_cells, reason_header

_SIGNATURE = "predict_raw"
_SHOWN = 5


@dataclass(frozen=True)
class Predicted:
    """What scoring came to.

    Attributes:
        records: How many records have an answer.
        left_out: The others, as `(key, why)`, in the order of the data.
        files_left_out: What is no record at all, such as a text file among images, likewise.
        notes: How the data were read, in sentences for people.
        mostly_unknown: Columns whose values the model mostly does not know, a sentence each.
    """

    records: int
    left_out: list[tuple[str, str]]
    files_left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mostly_unknown: list[str] = field(default_factory=list)


def predict(
    model: PushedModel,
    data: str,
    output: str,
    skip: bool,
    max_image_pixels: int,
    beam_args: list[str],
    num_reasons: int = 0,
) -> Predicted:
    """Writes a table of the model's answers, in the order of the data.

    Memory holds a piece of the data (16 MiB of a table, one batch of images), never all of it. The bytes do not
    depend on the number of workers.

    Args:
        model: What to ask.
        data: A table, several by a pattern, or a folder of images; see open_unlabelled.
        output: A CSV file: `key`, an image's path, or a table's name and row; `decision`, the class's name;
            `score`, its probability; each class's probability, `p_<class>`, to six digits; and what else the model
            answers, see AnswerTable.
        skip: Whether records that cannot be read are left out, and not an error.
        max_image_pixels: Most pixels an image may declare.
        beam_args: Arguments of Beam's runner.
        num_reasons: How many of the strongest reasons to write behind each row, `reason_1` and on; of a model that
            explains columns alone.

    Raises:
        InputError: The data cannot be read, or, without `skip`, one of the records cannot.
    """
    features, decision = model.features(), model.decision()
    table, costs = AnswerTable.of(decision), decision.rule.costs
    amounts = () if costs is None else costs.columns
    source = open_unlabelled(data, {one.name: one.kind for one in features}, max_image_pixels)
    chunks = source.chunks()
    files_left_out = [(one.key, one.why) for one in source.left_out()]
    folder = os.path.dirname(os.path.abspath(output))
    # Beside the output, so that putting it in place is a rename.
    with scratch_folder(folder) as work:
        with beam.Pipeline(options=PipelineOptions(beam_args)) as pipeline:
            _ = (
                pipeline
                | "ListChunks" >> beam.Create(list(enumerate(chunks)))
                | "SpreadChunks" >> beam.Reshuffle()
                | "ScoreChunk"
                >> beam.ParDo(_Score(model.folder, features, table, source, work, skip, amounts, num_reasons))
            )
        reports = [_ChunkReport.read(work, number) for number in range(len(chunks))]
        for report in reports:
            if report.broken is not None:
                raise InputError(report.broken)
        left_out = [one for report in reports for one in report.bad]
        if left_out and not skip:
            raise InputError(_why_refused(left_out))
        _join(work, len(chunks), [*table.header(), *reason_header(num_reasons)], output)
    seen = merge_counts(report.seen for report in reports)
    unknown = Vocabularies(model.folder, _texts(features)).mostly_unknown(seen)
    answered = sum(report.records for report in reports)
    return Predicted(answered, left_out, files_left_out, source.notes(), unknown)


@dataclass(frozen=True)
class _ChunkReport:
    """What came of a chunk.

    Attributes:
        records: Records answered.
        bad: Key of each that was not, and why.
        broken: Why the data could not be read, or None.
        seen: What was seen in each column of text.
    """

    records: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)
    broken: str | None = None
    seen: dict[str, ValueCounts] = field(default_factory=dict)

    @classmethod
    def read(cls, work: str, number: int) -> "_ChunkReport":
        with open(_part(work, number, "json"), encoding="utf-8") as handle:
            content = json.load(handle)
        bad = [(key, why) for key, why in content["bad"]]
        seen = {name: ValueCounts(*one) for name, one in content["seen"].items()}
        return cls(content["records"], bad, content["broken"], seen)

    def write(self, work: str, number: int) -> None:
        seen = {name: astuple(one) for name, one in self.seen.items()}
        with open(_part(work, number, "json"), "w", encoding="utf-8") as handle:
            json.dump({**vars(self), "seen": seen}, handle)


class _Score(beam.DoFn):
    """Writes the answers to each chunk's records into a file of its own."""

    def __init__(
        self,
        folder: str,
        features: Sequence[RawFeature],
        table: AnswerTable,
        source: Source,
        work: str,
        skip: bool,
        amounts: Sequence[str],
        num_reasons: int,
    ):
        self._folder, self._features, self._table = folder, features, table
        self._source, self._work, self._skip, self._amounts = source, work, skip, amounts
        self._num_reasons = num_reasons

    def setup(self) -> None:
        # Kept whole: the variables live as long as it does.
        self._loaded = load_kept(self._folder)
        self._vocabularies = Vocabularies(self._folder, _texts(self._features))

    def process(self, element: tuple[int, Chunk]) -> None:
        number, chunk = element
        seen: dict[str, ValueCounts] = {}
        readable = with_amounts(self._source.read(chunk), self._amounts)
        records = self._vocabularies.watch(readable, seen)
        with open(_part(self._work, number), "w", newline="", encoding="utf-8") as handle:
            try:
                report = self._write(SpreadsheetWriter(handle), records)
            except InputError as error:
                # Beam would put its own words around it.
                report = _ChunkReport(broken=str(error))
        replace(report, seen=seen).write(self._work, number)

    def _write(self, writer: Any, records: Iterable[Record | BadRecord]) -> "_ChunkReport":
        """Writes a chunk's answers; returns how many there are, and the bad records, the first alone if not skipped."""
        count, bad = 0, list[tuple[str, str]]()
        for batch in _batches(records):
            for record, answer in self._answers(batch):
                if not isinstance(answer, str):
                    writer.writerow(answer)
                    count += 1
                    continue
                bad.append((record.key, answer))
                if not self._skip:
                    return _ChunkReport(count, bad)
        return _ChunkReport(count, bad)

    def _answers(
        self, batch: list[Record | BadRecord]
    ) -> Iterator[tuple[Record | BadRecord, list[str] | str]]:
        """Yields each record with its row of the table, or why it has none."""
        readable = [record for record in batch if isinstance(record, Record)]
        rows = iter(self._rows(readable))
        for record in batch:
            yield record, record.why if isinstance(record, BadRecord) else next(rows)

    def _rows(self, records: list[Record]) -> list[list[str] | str]:
        if not records:
            return []
        signature = self._loaded.signatures[_SIGNATURE]
        # Numbers are float64; in versions pushed before they were, float32.
        specs = signature.structured_input_signature[1]
        tensors = {
            one.input: tf.constant(_values(one, records), specs[one.input].dtype) for one in self._features
        }
        try:
            answers = signature(**tensors)
            explained = self._loaded.signatures[EXPLAIN](**tensors) if self._num_reasons else {}
        except tf.errors.InvalidArgumentError as error:
            if len(records) == 1:
                return [f"cannot be answered ({str(error.message).splitlines()[0]})"]
            # One record's fault is no other's.
            return [row for record in records for row in self._rows([record])]
        columns = {name: answers[name].numpy() for name in self._table.outputs}
        rows: list[list[str] | str] = [
            self._table.row(record.key, _row_of(columns, row)) for row, record in enumerate(records)
        ]
        return self._with_reasons(rows, records, explained) if explained else rows

    def _with_reasons(
        self, rows: list[list[str] | str], records: list[Record], explained: dict[str, tf.Tensor]
    ) -> list[list[str] | str]:
        columns = {name: explained[name].numpy() for name in REASON_OUTPUTS}
        return [
            [*cells, *reason_cells(self._features, record, _row_of(columns, row), self._num_reasons)]
            for row, (cells, record) in enumerate(zip(rows, records, strict=True))
        ]


def _batches(records: Iterable[Record | BadRecord]) -> Iterator[list[Record | BadRecord]]:
    """Yields as many readable records at a time as the pipeline's BulkInferrer asks, so that the figures agree."""
    batch: list[Record | BadRecord] = []
    readable = 0
    for record in records:
        batch.append(record)
        readable += isinstance(record, Record)
        if readable == BATCH:
            yield batch
            batch, readable = [], 0
    if batch:
        yield batch


def _row_of(columns: dict[str, Any], row: int) -> dict[str, Any]:
    return {name: values[row] for name, values in columns.items()}


def _values(feature: RawFeature, records: list[Record]) -> list[Any]:
    if feature.kind == "image":
        return [record.image or b"" for record in records]
    cells = [record.cells[feature.name] for record in records]
    if feature.kind in NUMBERS:
        return [math.nan if cell is None else float(cell) for cell in cells]
    return [cell or "" for cell in cells]


def _texts(features: Sequence[RawFeature]) -> list[str]:
    return [one.name for one in features if one.kind == "text"]


def _part(work: str, number: int, ending: str = "csv") -> str:
    return os.path.join(work, f"{number:06d}.{ending}")


def _why_refused(left_out: list[tuple[str, str]]) -> str:
    shown = "; ".join(f"{key} {why}" for key, why in left_out[:_SHOWN])
    # Each piece of the data ends at its first, so that nobody waits for the rest.
    return f"{shown}. Mend or remove what is bad, or leave it out with --on-bad-record skip."


def _join(work: str, num_parts: int, header: list[str], output: str) -> None:
    """Puts the parts into one file, in order, and the file in its place."""
    joined = os.path.join(work, "joined.csv")
    with open(joined, "w", newline="", encoding="utf-8") as whole:
        SpreadsheetWriter(whole).writerow(header)
    with open(joined, "ab") as whole:
        for number in range(num_parts):
            with open(_part(work, number), "rb") as part:
                shutil.copyfileobj(part, whole)
    os.replace(joined, output)
