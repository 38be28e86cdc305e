"""UnlabelledExampleGen: new records, with or without a class, to tf.Examples that the model can be asked about."""

import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, ClassVar

import apache_beam as beam
from absl import logging
from tfx import types
from tfx.components.example_gen import component as example_gen
from tfx.dsl.components.base import base_beam_executor, executor_spec
from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, component_spec, standard_artifacts, standard_component_specs
from tfx.utils import io_utils

from components.custom_config import packed, unpacked
from components.examples_io import shard_path, write_shard
from components.stratified_example_gen.driver import FilesDriver
from components.stratified_example_gen.records import BadRecord, Chunk, Record, Source
from components.stratified_example_gen.settings import DataSettings, SplitShares
from components.unlabelled_example_gen.amounts import with_amounts
from components.unlabelled_example_gen.encoding import encode_unlabelled
from components.unlabelled_example_gen.feature_kinds import feature_kinds
from components.unlabelled_example_gen.file_patterns import new_data_patterns
from components.unlabelled_example_gen.settings import BulkInferenceSettings
from components.unlabelled_example_gen.sources import open_unlabelled
from core.documents.unlabelled_summary import UnlabelledSummary
from core.errors import InputError

SPLIT = "unlabelled"
_BATCH = 64
_SHOWN = 5


class Executor(base_beam_executor.BaseBeamExecutor):
    """Writes each chunk of the data as one shard, in the order of the data, a batch of records at a time."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        self._log_startup(input_dict, output_dict, exec_properties)
        settings, data, amounts = _unpack(exec_properties)
        schema = artifact_utils.get_single_instance(input_dict[standard_component_specs.SCHEMA_KEY])
        examples = artifact_utils.get_single_instance(output_dict[standard_component_specs.EXAMPLES_KEY])
        examples.split_names = artifact_utils.encode_split_names([SPLIT])
        folder = artifact_utils.get_split_uri([examples], SPLIT)
        work = os.path.join(examples.uri, "reports")
        for place in (folder, work):
            fileio.makedirs(place)

        kinds = feature_kinds(
            io_utils.SchemaReader().read(os.path.join(schema.uri, "schema.pbtxt")),
            data.label,
            data.image_feature,
        )
        try:
            source = open_unlabelled(settings.path, kinds, data.max_image_pixels, data.format)
            chunks = source.chunks()
            files_left_out = source.left_out()
        except InputError as err:
            raise InputError(f"bulk_inference.path: {err}") from err
        if not chunks:
            # A table without rows; a split without files cannot be read.
            write_shard(shard_path(folder, 0, 1), [])
        write_chunk = functools.partial(
            _write_chunk,
            source=source,
            kinds=kinds,
            amounts=amounts,
            folder=folder,
            work=work,
            num_shards=len(chunks),
        )
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "ListChunks" >> beam.Create(list(enumerate(chunks)))
                | "SpreadChunks" >> beam.Reshuffle()
                | "WriteChunk" >> beam.MapTuple(write_chunk)
            )
        reports = [_ChunkReport.read(work, number) for number in range(len(chunks))]
        fileio.rmtree(work)
        summary = UnlabelledSummary(
            records=sum(report.records for report in reports),
            left_out=tuple(one for report in reports for one in report.left_out),
            files_left_out=tuple((one.key, one.why) for one in files_left_out),
        )
        if summary.left_out and settings.on_bad_record == "fail":
            raise InputError(_why_refused(summary.left_out))
        summary.write(examples.uri, fileio)
        logging.info("Wrote %d unlabelled records in %d shards.", summary.records, max(len(chunks), 1))


@dataclass(frozen=True)
class _ChunkReport:
    """What became of a chunk: the number of its records, and key and reason of each that was left out."""

    records: int
    left_out: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, work: str, number: int) -> "_ChunkReport":
        with fileio.open(f"{work}/{number:05d}.json", "rb") as handle:
            content = json.loads(handle.read())
        return cls(content["records"], tuple((key, why) for key, why in content["left_out"]))

    def write(self, work: str, number: int) -> None:
        with fileio.open(f"{work}/{number:05d}.json", "wb") as handle:
            handle.write(json.dumps(asdict(self)).encode())


def _write_chunk(
    number: int,
    chunk: Chunk,
    source: Source,
    kinds: dict[str, str],
    amounts: list[str],
    folder: str,
    work: str,
    num_shards: int,
) -> None:
    bad: list[tuple[str, str]] = []
    count = 0

    def examples() -> Iterator[bytes]:
        nonlocal count
        records = _good_records(with_amounts(source.read(chunk), amounts), bad)
        while batch := list(islice(records, _BATCH)):
            count += len(batch)
            yield from encode_unlabelled(batch, kinds)

    write_shard(shard_path(folder, number, num_shards), examples())
    _ChunkReport(count, tuple(bad)).write(work, number)


def _good_records(records: Iterator[Record | BadRecord], bad: list[tuple[str, str]]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, BadRecord):
            bad.append((record.key, record.why))
        else:
            yield record


def _why_refused(left_out: Sequence[tuple[str, str]]) -> str:
    shown = "; ".join(f"{key} {why}" for key, why in left_out[:_SHOWN])
    more = f"; and {len(left_out) - _SHOWN} more" if len(left_out) > _SHOWN else ""
    return (
        f"bulk_inference.path: {shown}{more}. Mend or remove what is bad, or set bulk_inference.on_bad_record to "
        "skip."
    )


def _unpack(exec_properties: Mapping[str, Any]) -> tuple[BulkInferenceSettings, DataSettings, list[str]]:
    content = unpacked(exec_properties)
    return (
        BulkInferenceSettings.model_validate(content["bulk_inference"]),
        DataSettings.model_validate(content["data"]),
        content.get("amounts", []),
    )


class NewFilesDriver(FilesDriver):
    """Takes the fingerprint of the new data's files."""

    def data_settings(self, content: Mapping[str, Any]) -> DataSettings:
        data = super().data_settings(content)
        path = content["bulk_inference"]["path"]
        return data.model_copy(update={"path": path, "splits": SplitShares(), "corrections": None})


class UnlabelledExampleGenSpec(standard_component_specs.FileBasedExampleGenSpec):
    """TFX's file-based ExampleGen that also takes a schema."""

    INPUTS: ClassVar[Mapping[str, component_spec.ChannelParameter]] = {
        standard_component_specs.SCHEMA_KEY: component_spec.ChannelParameter(type=standard_artifacts.Schema)
    }


class UnlabelledExampleGen(example_gen.FileBasedExampleGen):
    """Reads new images or tables, as StratifiedExampleGen reads labelled ones, into the single split `unlabelled`.

    The schema says which columns the model takes, and of what type; others, and a class, are not looked at.
    Each example carries its record's key. The driver takes a fingerprint of the files, so that
    changed data are read again and unchanged ones not.

    Component `outputs` contains:
     - `examples`: Examples with the split `unlabelled`, shards and records in the order of the data; beside them
       `unlabelled_summary.json`, the number of `records`, those `left_out` as `[key, why]`, and
       likewise `files_left_out`, what is no record at all.
    """

    SPEC_CLASS = UnlabelledExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = NewFilesDriver

    def __init__(
        self,
        schema: types.BaseChannel,
        settings: BulkInferenceSettings,
        data: DataSettings,
        amounts: Sequence[str] = (),
    ):
        """Initialises the component.

        Args:
            schema: Of the records that the model learns from.
            settings: Where the new records are; its path is absolute.
            data: The experiment's data settings.
            amounts: Columns that costs are made of; a record without one of them is bad.
        """
        base, patterns = new_data_patterns(settings.path, data)
        content = {
            "bulk_inference": settings.model_dump(mode="json"),
            "data": data.model_dump(mode="json", by_alias=True),
            **({"amounts": list(amounts)} if amounts else {}),
        }
        spec = UnlabelledExampleGenSpec(
            schema=schema,
            input_base=base,
            input_config=example_gen_pb2.Input(
                splits=[
                    example_gen_pb2.Input.Split(name=name, pattern=pattern)
                    for name, pattern in patterns.items()
                ]
            ),
            output_config=example_gen_pb2.Output(
                split_config=example_gen_pb2.SplitConfig(
                    splits=[example_gen_pb2.SplitConfig.Split(name=SPLIT, hash_buckets=1)]
                )
            ),
            output_data_format=example_gen_pb2.FORMAT_TF_EXAMPLE,
            output_file_format=example_gen_pb2.FORMAT_TFRECORDS_GZIP,
            custom_config=packed(content),
            examples=types.Channel(type=standard_artifacts.Examples),
        )
        # The base class would make a spec without the schema.
        super(example_gen.FileBasedExampleGen, self).__init__(spec=spec)
