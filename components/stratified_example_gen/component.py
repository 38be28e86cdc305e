"""StratifiedExampleGen: raw data to tf.Examples in exact, stratified, reproducible splits."""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
from absl import logging
from tfx import types
from tfx.components.example_gen import component as example_gen
from tfx.dsl.components.base import base_beam_executor, executor_spec
from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs

from components.custom_config import packed, unpacked
from components.examples_io import encode_examples, shard_path, write_shard
from components.stratified_example_gen.column_account import decide_columns
from components.stratified_example_gen.columns import Role, merge_tallies
from components.stratified_example_gen.corrections.corrected_source import with_corrections
from components.stratified_example_gen.driver import FilesDriver
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.file_patterns import file_patterns
from components.stratified_example_gen.index import Index, index_records
from components.stratified_example_gen.order import order_of_digests
from components.stratified_example_gen.plan import plan_splits
from components.stratified_example_gen.plan_by_time import plan_by_time
from components.stratified_example_gen.records import BadRecord, Chunk, Source
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitPaths, SplitTime
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.summary import (
    class_index,
    group_index,
    near_duplicate_summary,
    raise_bad_records,
    split_summary,
    write_splits_table,
)
from components.stratified_example_gen.table import Table
from components.stratified_example_gen.time_summary import time_notes, time_summary
from core.file_names import SPLITS_TABLE


class Executor(base_beam_executor.BaseBeamExecutor):
    """Reads the data twice: once for an index, from which the splits are planned, once to write them.

    Nothing but the index (a few bytes a record) outlives a chunk of data, and no record passes between
    workers: each chunk becomes one shard of each split, so that the bytes do not depend on the workers.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        self._log_startup(input_dict, output_dict, exec_properties)
        settings, seed = _unpack(exec_properties)
        examples = artifact_utils.get_single_instance(output_dict[standard_component_specs.EXAMPLES_KEY])
        examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
        work = os.path.join(examples.uri, "index")
        fileio.makedirs(work)

        source = open_source(settings, seed)
        chunks = source.chunks()
        left_out = source.left_out()
        corrected = with_corrections(source, settings)
        index_chunk = functools.partial(
            _index_chunk, source=corrected, work=work, max_pixels=settings.max_image_pixels
        )
        self._for_each(chunks, "IndexChunk", index_chunk)
        indexes = [_read_index(work, number, with_keys=False) for number in range(len(chunks))]
        raise_bad_records(indexes, settings.on_bad_record)
        columns = decide_columns(merge_tallies(index.tallies for index in indexes), settings)
        classes, labels = class_index(indexes)
        digests = np.concatenate([index.digests for index in indexes])
        times = np.concatenate([index.times for index in indexes])
        groups = group_index(indexes)
        if isinstance(settings.splits, SplitTime):
            plan = plan_by_time(classes, labels, digests, times, settings, groups)
        else:
            given = np.concatenate([index.given for index in indexes])
            plan = plan_splits(classes, labels, digests, given, settings, seed, groups)
        ends = np.cumsum([len(index.labels) for index in indexes])
        _write_parts(f"{work}/{{:05d}}.splits", np.split(plan.splits, ends[:-1]))
        sets = plan.set_names(digests)
        if sets is not None:
            _write_parts(f"{work}/{{:05d}}.sets", np.split(sets, ends[:-1]))
        for split in SPLITS:
            fileio.makedirs(artifact_utils.get_split_uri([examples], split))
        write_chunk = functools.partial(
            _write_chunk,
            source=corrected,
            work=work,
            uri=examples.uri,
            roles=columns.roles,
            settings=settings,
            seed=seed,
            num_shards=len(chunks),
        )
        self._for_each(chunks, "WriteChunk", write_chunk)

        def work_indexes() -> Iterator[Index]:
            return (_read_index(work, number) for number in range(len(chunks)))

        counted = split_summary(classes, labels, plan, indexes, settings, left_out)
        column = source.time if isinstance(source, Table) else None
        over_time = None if column is None else time_summary(column, classes, labels, times, plan)
        counted.with_rest(
            columns.account,
            [*(time_notes(over_time) if over_time else []), *source.notes(), *columns.notes],
            near_duplicate_summary(plan, indexes, work_indexes()),
            over_time,
        ).write(examples.uri, fileio)
        with fileio.open(os.path.join(examples.uri, SPLITS_TABLE), "w") as handle:
            write_splits_table(
                handle,
                work_indexes(),
                plan,
                left_out,
                has_times=column is not None,
                has_corrections=settings.corrections is not None,
            )
        fileio.rmtree(work)
        logging.info("Wrote %d records in %d shards a split.", len(labels), len(chunks))

    def _for_each(self, chunks: list[Chunk], verb: str, function: Callable[[int, Chunk], None]) -> None:
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "ListChunks" >> beam.Create(list(enumerate(chunks)))
                | "SpreadChunks" >> beam.Reshuffle()
                | verb >> beam.MapTuple(function)
            )


def _index_chunk(number: int, chunk: Chunk, source: Source, work: str, max_pixels: int) -> None:
    with fileio.open(f"{work}/{number:05d}.npz", "wb") as handle:
        handle.write(index_records(source.read(chunk), max_pixels).to_bytes())


def _read_index(work: str, number: int, with_keys: bool = True) -> Index:
    with fileio.open(f"{work}/{number:05d}.npz", "rb") as handle:
        return Index.from_bytes(handle.read(), with_keys)


def _write_chunk(
    number: int,
    chunk: Chunk,
    source: Source,
    work: str,
    uri: str,
    roles: dict[str, Role],
    settings: DataSettings,
    seed: int,
    num_shards: int,
) -> None:
    places = _read_part(f"{work}/{number:05d}.splits", np.uint8)
    sets_path = f"{work}/{number:05d}.sets"
    sets = _read_part(sets_path, np.int64) if fileio.exists(sets_path) else None
    order = order_of_digests(_read_index(work, number, with_keys=False).digests, seed)
    records = [record for record in source.read(chunk) if not isinstance(record, BadRecord)]
    image = settings.image_feature
    for place, split in enumerate(SPLITS):
        # Data often come sorted by class; the records' own order mixes them.
        rows = sorted(np.flatnonzero(places == place), key=lambda row: (order[row], row))
        chosen, names = [records[row] for row in rows], None if sets is None else sets[rows]
        columns = record_columns(chosen, roles, settings.label, image, names)
        write_shard(
            shard_path(f"{uri}/Split-{split}", number, num_shards), encode_examples(columns) if rows else []
        )


def _write_parts(pattern: str, parts: list[np.ndarray]) -> None:
    for number, part in enumerate(parts):
        with fileio.open(pattern.format(number), "wb") as handle:
            handle.write(part.tobytes())


def _read_part(path: str, dtype: type[np.generic]) -> np.ndarray:
    with fileio.open(path, "rb") as handle:
        return np.frombuffer(handle.read(), dtype)


def _unpack(exec_properties: Mapping[str, Any]) -> tuple[DataSettings, int]:
    content = unpacked(exec_properties)
    return DataSettings.model_validate(content["data"]), content["seed"]


class StratifiedExampleGen(example_gen.FileBasedExampleGen):
    """Reads labelled images or tables and writes the splits train, eval and test.

    Every class's count in each split is within one of its share, every class with three examples is in
    every split, and a record's split depends on the seed and the record's content alone. The
    driver takes a fingerprint of the files, so that changed data are read again and unchanged ones not.

    Component `outputs` contains:
     - `examples`: Examples with the splits train, eval, test; beside them `split_summary.json` (counts,
       duplicates, skipped records) and `splits.csv` (every record's key, class, split, or why it has none).
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = FilesDriver

    def __init__(self, settings: DataSettings, seed: int):
        """Initialises the component.

        Args:
            settings: The experiment's data settings, with absolute paths.
            seed: Decides the splits.
        """
        base, patterns = file_patterns(settings)
        content = {"data": settings.model_dump(mode="json", by_alias=True), "seed": seed}
        super().__init__(
            input_base=base,
            input_config=example_gen_pb2.Input(
                splits=[
                    example_gen_pb2.Input.Split(name=name, pattern=pattern)
                    for name, pattern in patterns.items()
                ]
            ),
            output_config=example_gen_pb2.Output(
                split_config=example_gen_pb2.SplitConfig(
                    splits=[example_gen_pb2.SplitConfig.Split(name=name, hash_buckets=1) for name in SPLITS]
                )
            )
            if not isinstance(settings.splits, SplitPaths)
            else None,
            custom_config=packed(content),
        )
