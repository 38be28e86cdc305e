"""Passes over train's records, each on Beam: count, gather, make, thin out."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import apache_beam as beam
import numpy as np
from absl import logging
from tfx.dsl.io import fileio

from components.minority_augmenter.new_records import Job, make_unit, read_done
from components.minority_augmenter.originals import (
    count_shard,
    gather_shard,
    hash_shard,
    highest_kept,
    pass_on,
    read_counts,
    removed_from,
    thin_shard,
)
from components.minority_augmenter.priors import priors_document
from components.minority_augmenter.provenance import HEADER
from components.minority_augmenter.records import Shape
from components.minority_augmenter.resample import CLEANING
from components.minority_augmenter.units import Layout, limits, plan_units
from core.augmentation.growth_plan import Plan, plan_counts
from core.augmentation.settings import AugmentationSettings
from core.documents.priors import Priors

TRAIN = "train"
_COPIED_BYTES = 2**20


@dataclass(frozen=True)
class Data:
    """What Transform says of the records.

    Attributes:
        classes: Names of the classes, by index.
        shape: Features of the records.
        num_categories: Categories of all columns together.
    """

    classes: list[str]
    shape: Shape
    num_categories: int


def rebalance(
    folders: Mapping[str, tuple[str, str]],
    priors_uri: str,
    settings: AugmentationSettings,
    seed: int,
    data: Data,
    pipeline: beam.Pipeline | None,
) -> Priors:
    """Writes the new splits and `provenance.csv`.

    Records of common classes stream through: none but those of the classes to grow are gathered, besides, for
    strategies defined on all classes, a bounded number at a time of the others.

    Args:
        folders: Split to the folders of its shards, old and new.
        priors_uri: Gets `provenance.csv`.
        settings: What is asked for.
        seed: Decides everything random.
        data: What Transform says of the records.
        pipeline: Whose runner and options each pass uses; None does all in this process.

    Returns:
        The classes before and after.
    """
    work = os.path.join(priors_uri, "work")
    fileio.makedirs(work)
    paths = {split: _shards(source) for split, (source, _) in folders.items()}
    train = list(enumerate(paths[TRAIN]))
    target = {
        path: os.path.join(to, os.path.basename(path))
        for split, (_, to) in folders.items()
        for path in paths[split]
    }
    thins = settings.row_strategy in ("undersample", *CLEANING)
    passed = [path for split in folders for path in paths[split] if not (thins and split == TRAIN)]
    run = partial(_run, pipeline)
    run(
        "CountAndPassOn",
        [
            *(partial(pass_on, path, target[path]) for path in passed),
            *(partial(count_shard, number, path, len(data.classes), work) for number, path in train),
        ],
    )
    before = np.sum([read_counts(number, work) for number, _ in train], axis=0, dtype=np.int64)
    sizes = {name: size for name, size in zip(data.classes, before.tolist(), strict=True) if size}
    plan = plan_counts(sizes, settings)
    logging.info("Augmentation makes %s and keeps %s.", plan.make, plan.keep)

    job = Job(settings, seed, data.shape, data.classes, before.tolist(), len(train), folders[TRAIN][1], work)
    here = Plan({}, {}, ()) if settings.in_training else plan
    made, notes, num_units = _make(run, train, here, job, data)
    removed = np.zeros_like(before)
    if thins:
        highest = _highest(run, train, plan, job) if settings.row_strategy == "undersample" else {}
        run(
            "ThinShard",
            [
                partial(
                    thin_shard,
                    number,
                    path,
                    target[path],
                    highest,
                    num_units,
                    settings.row_strategy,
                    data.classes,
                    seed,
                    work,
                )
                for number, path in train
            ],
        )
        removed = np.sum([removed_from(number, work) for number, _ in train], axis=0, dtype=np.int64)
    _write_provenance(priors_uri, work)
    fileio.rmtree(work)
    remarks = [f"class {data.classes[label]!r}: {note}" for label, note in dict.fromkeys(notes)]
    remarks = [*plan.notes, *remarks]
    for remark in remarks:
        logging.info("Augmentation: %s.", remark)
    return priors_document(data.classes, before, made, removed, plan, settings, remarks)


def _make(
    run: "Run", train: list[tuple[int, str]], plan: Plan, job: Job, data: Data
) -> tuple[np.ndarray, list[tuple[int, str]], int]:
    """Returns the number of new records of every class, notes, and the number of units."""
    layout = _layout(plan, job, data)
    if layout.units:
        run(
            "GatherShard",
            [
                partial(gather_shard, number, path, job.shape, layout, job.seed, job.work)
                for number, path in train
            ],
        )
        run("MakeUnit", [partial(make_unit, unit, len(layout.units), job) for unit in layout.units])
    done = [read_done(unit.number, job.work) for unit in layout.units]
    made = sum((np.array(one.made) for one in done), np.zeros(len(data.classes), np.int64))
    return made, [note for one in done for note in one.notes], len(layout.units)


def _layout(plan: Plan, job: Job, data: Data) -> Layout:
    strategy, shape = job.settings.row_strategy, data.shape
    is_nominal = shape.num_numeric == 0
    # A flag becomes two columns, a category one each.
    width = 3 * shape.num_numeric + data.num_categories
    most = limits(strategy, width, job.settings.neighbours, shape.has_image, is_nominal)
    make = {data.classes.index(name): size for name, size in plan.make.items()}
    return plan_units(job.counts, make, strategy, is_nominal, most)


def _highest(run: "Run", train: list[tuple[int, str]], plan: Plan, job: Job) -> dict[int, int]:
    keep = {job.classes.index(name): size for name, size in plan.keep.items()}
    run("HashShard", [partial(hash_shard, number, path, keep, job.seed, job.work) for number, path in train])
    return highest_kept(keep, len(train), job.work)


Run = Callable[[str, Sequence[Callable[[], None]]], None]


def _run(pipeline: beam.Pipeline | None, verb: str, tasks: Sequence[Callable[[], None]]) -> None:
    """Runs tasks on Beam's workers."""
    if pipeline is None:
        for task in tasks:
            task()
        return
    # A pipeline that ran would run its steps again, and what a pass does follows from the one before.
    with beam.Pipeline(runner=pipeline.runner, options=pipeline.options) as root:
        _ = (
            root
            | "ListTasks" >> beam.Create(list(tasks))
            | "SpreadTasks" >> beam.Reshuffle()
            | verb >> beam.Map(_do)
        )


def _do(task: partial) -> None:  # type: ignore[type-arg]
    task()


def _shards(folder: str) -> list[str]:
    return sorted(fileio.glob(os.path.join(folder, "*")))


def _write_provenance(priors_uri: str, work: str) -> None:
    with fileio.open(os.path.join(priors_uri, "provenance.csv"), "wb") as target:
        target.write((",".join(HEADER) + "\n").encode())
        for path in sorted([*fileio.glob(f"{work}/made-*.csv"), *fileio.glob(f"{work}/removed-*.csv")]):
            for block in _blocks(path):
                target.write(block)


def _blocks(path: str) -> Iterator[bytes]:
    with fileio.open(path, "rb") as handle:
        while block := handle.read(_COPIED_BYTES):
            yield block
