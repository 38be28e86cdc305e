"""Compares new data, and the pushed model's answers to them, with what the model was trained and tested on."""

import json
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_data_validation as tfdv
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.classification_metrics import confusion_counts
from components.drift_watch.confidence import compare_confidence
from components.drift_watch.drift_report import NO_DRIFT, Column, DriftReport, Limits
from components.drift_watch.feature_distance import feature_distances
from components.drift_watch.feature_shares import features_of, missing_share, unknown_share
from components.drift_watch.prior_estimate import (
    black_box_estimate,
    counted_prior,
    em_estimate,
)
from components.drift_watch.recall_change import recall_changes
from components.errors import InputError
from components.examples_io import encode_examples
from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.records import BadRecord, Record
from components.stratified_example_gen.settings import IMAGE_KEY, DataSettings
from components.test_records import TestRecords
from models.features import RECORD_KEY, categories_vocabulary
from pipeline.compare import RECORDS_FILE
from pipeline.new_records import UNLABELLED, read_new_records
from pipeline.pushed_run import PushedRun, find_pushed_run

NO_DRIFT_STATUS, DRIFT_STATUS = 0, 3
_BATCH = 256
# The prior is estimated from so many records at most; more would not make its interval matter.
_MOST_RECORDS = 100_000
_ROWS_SHOWN = 20
_ROLES: dict[int, Role] = {
    schema_pb2.INT: "integer",
    schema_pb2.FLOAT: "number",
    schema_pb2.BYTES: "category",
}


@dataclass(frozen=True)
class Answers:
    """The model's answers to the new records, in reading order.

    Attributes:
        labels: Names of the classes, UNLABELLED where there is none, `(n,)`.
        probabilities: Float32 `(n, classes)`.
        decisions: Class indices, int64 `(n,)`.
        unreadable: The records that have no answer, each as a sentence.
    """

    labels: list[str]
    probabilities: np.ndarray
    decisions: np.ndarray
    unreadable: tuple[str, ...]


def show_drift(output: str, new_data: str, limits: Limits, json_file: str | None, console: Console) -> int:
    """Measures drift, prints a table and the verdict, and writes all numbers.

    Args:
        output: Output folder of the run that pushed the model.
        new_data: A table in any format, several by a pattern, or a folder of images; labelled or not.
        limits: What counts as drift.
        json_file: Where the numbers go, or None.
        console: Where the tables go.

    Returns:
        Exit status: 0 without a sign of drift, 3 with one.

    Raises:
        InputError: There is no pushed model, or the new data cannot be read.
    """
    for library in ("tensorflow", "apache_beam", "absl"):
        # Of what they say here, nothing is for who reads the verdict.
        logging.getLogger(library).setLevel(logging.ERROR)
    report = measure_drift(output, new_data, limits)
    if json_file is not None:
        document = json.dumps(report.as_json(), indent=1, ensure_ascii=False, allow_nan=False)
        with open(json_file, "w", encoding="utf-8", errors="backslashreplace") as handle:
            handle.write(document + "\n")
    _print(report, console)
    return NO_DRIFT_STATUS if report.verdict == NO_DRIFT else DRIFT_STATUS


def measure_drift(output: str, new_data: str, limits: Limits) -> DriftReport:
    """Measures drift; see show_drift."""
    run = find_pushed_run(output)
    data = DataSettings.model_validate(run.experiment["data"])
    image = IMAGE_KEY if data.format == "image_folder" else data.image
    roles = _roles(run, data.label, image)
    test = _test_records(output, run)
    records = read_new_records(new_data, roles, image, data.label, test.classes, data.max_image_pixels)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "new.gz")
        answers = _answer(records, run.model, roles, image, table, test.classes, new_data)
        columns = _compare_columns(run, table, roles, limits) if roles else ()
    return _report(run, test, answers, columns, limits)


def _test_records(output: str, run: PushedRun) -> TestRecords:
    path = os.path.join(output, RECORDS_FILE)
    if run.is_last and os.path.isfile(path):
        with open(path, "rb") as handle:
            return TestRecords.from_bytes(handle.read())
    # TFMA, which this imports, takes longer to import than all else.
    from components.html_report.evaluation_result import read_test_records

    records = read_test_records(run.evaluation)
    if records is None:
        raise InputError(f"{output}: the run has no answers to test records. Run the experiment again.")
    return records


def _report(
    run: PushedRun, test: TestRecords, answers: Answers, columns: tuple[Column, ...], limits: Limits
) -> DriftReport:
    names, num_classes = test.classes, len(test.classes)
    # Cells are read without the blanks around them.
    index_of = {name.strip(): index for index, name in enumerate(names)}
    labels = np.array([index_of.get(name, -1) for name in answers.labels])
    known = labels >= 0
    unknown = Counter(name for name in answers.labels if name not in index_of and name != UNLABELLED)
    test_counts = confusion_counts(test.labels, test.decisions, num_classes)
    assumed = _assumed_prior(run, names)
    rows = np.arange(len(labels))
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_RECORDS)).astype(np.int64)
    recalls, labelled = None, None
    if known.any():
        counts = confusion_counts(labels[known], answers.decisions[known], num_classes)
        recalls = tuple(recall_changes(counts, test_counts))
        labelled = counted_prior(counts.sum(axis=1)) if known.all() else None
    return DriftReport(
        run.version,
        names,
        len(rows),
        answers.unreadable,
        columns,
        assumed,
        em_estimate(answers.probabilities[chosen].astype(np.float64), assumed),
        black_box_estimate(test_counts, np.bincount(answers.decisions, minlength=num_classes)),
        labelled,
        compare_confidence(
            test.probabilities[np.arange(len(test.labels)), test.decisions],
            answers.probabilities[rows, answers.decisions],
        ),
        recalls,
        dict(unknown),
        limits,
    )


def _roles(run: PushedRun, label: str, image: str | None) -> dict[str, Role]:
    """Returns the model's columns and what they hold, as the schema has them."""
    schema = tfdv.load_schema_text(os.path.join(run.schema, "schema.pbtxt"))
    others = (label, image, RECORD_KEY)
    return {feature.name: _ROLES[feature.type] for feature in schema.feature if feature.name not in others}


def _assumed_prior(run: PushedRun, classes: tuple[str, ...]) -> np.ndarray:
    """Returns the class shares that the served probabilities assume."""
    with open(os.path.join(run.model, "assets.extra", "decision.json"), encoding="utf-8") as handle:
        decision = json.load(handle)
    set_prior = decision["settings"]["prior"]
    shares = set_prior if isinstance(set_prior, dict) else decision["priors"]["natural"]
    return np.array([shares[name] for name in classes])


def _answer(
    records: Iterator[Record | BadRecord],
    model: str,
    roles: dict[str, Role],
    image: str | None,
    table: str,
    classes: tuple[str, ...],
    new_data: str,
) -> Answers:
    """Asks the model for every record, and writes the records' columns, without the image, to `table`."""
    signature = tf.saved_model.load(model).signatures["serving_default"]
    labels: list[str] = []
    unreadable: list[str] = []
    probabilities, decisions = [np.empty((0, len(classes)), np.float32)], [np.empty(0, np.int64)]
    with tf.io.TFRecordWriter(table, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
        for batch in _batches(_good_records(records, unreadable)):
            columns = record_columns(batch, roles, "label", image)
            # Its name could be that of a column, and the model does not take it.
            features = {name: columns[name] for name in (*roles, *([image] if image else []))}
            answers = signature(examples=tf.constant(encode_examples(features)))
            labels += [record.label for record in batch]
            probabilities.append(answers["probabilities"].numpy())
            decisions.append(answers["decision_index"].numpy())
            if roles:
                for example in encode_examples({name: columns[name] for name in roles}):
                    writer.write(example)
    if not labels:
        first = f" The first of {len(unreadable)}: {unreadable[0]}." if unreadable else ""
        raise InputError(f"{new_data} holds no record that can be read.{first}")
    return Answers(labels, np.concatenate(probabilities), np.concatenate(decisions), tuple(unreadable))


def _good_records(records: Iterator[Record | BadRecord], unreadable: list[str]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, BadRecord):
            unreadable.append(f"{record.key} {record.why}")
        else:
            yield record


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


def _compare_columns(
    run: PushedRun, table: str, roles: dict[str, Role], limits: Limits
) -> tuple[Column, ...]:
    new = tfdv.generate_statistics_from_tfrecord(
        table, stats_options=tfdv.StatsOptions(feature_allowlist=list(roles))
    )
    train, test = (
        tfdv.load_stats_binary(os.path.join(run.statistics, f"Split-{split}", "FeatureStats.pb"))
        for split in ("train", "test")
    )
    numeric = [name for name, role in roles.items() if role != "category"]
    # In the order in which the model's vocabularies are numbered.
    categorical = sorted(name for name, role in roles.items() if role == "category")
    distances = feature_distances(new, train, numeric, categorical, limits.max_distance)
    return tuple(
        Column(
            distance,
            _missing(distance.name, test, new),
            _unknown(distance.name, test, new, run.model, categorical.index(distance.name))
            if distance.name in categorical
            else (None, None),
        )
        for distance in distances
    )


def _missing(
    name: str,
    test: statistics_pb2.DatasetFeatureStatisticsList,
    new: statistics_pb2.DatasetFeatureStatisticsList,
) -> tuple[float, float]:
    before, after = (
        missing_share(features_of(one).get(name), one.datasets[0].num_examples) for one in (test, new)
    )
    return before, after


def _unknown(
    name: str,
    test: statistics_pb2.DatasetFeatureStatisticsList,
    new: statistics_pb2.DatasetFeatureStatisticsList,
    model: str,
    position: int,
) -> tuple[float | None, float | None]:
    path = os.path.join(model, "assets", categories_vocabulary(position))
    with open(path, encoding="utf-8", errors="replace") as handle:
        known = set(handle.read().split("\n"))
    before, after = (unknown_share(features_of(one).get(name), known) for one in (test, new))
    return before, after


def _print(report: DriftReport, console: Console) -> None:
    console.print(
        f"{report.num_records:,} records against version {report.version}"
        + (f"; {len(report.unreadable):,} cannot be read." if report.unreadable else "."),
        markup=False,
    )
    if report.columns:
        console.print(_column_table(report))
    console.print(_class_table(report))
    confidence = report.confidence
    console.print(
        f"Mean score {confidence.new:.3f}; on test {confidence.test:.3f} (difference's 95 % interval "
        f"{confidence.low:+.3f} to {confidence.high:+.3f}).",
        markup=False,
    )
    console.print(f"Verdict: {report.verdict}", markup=False)
    for reason in report.reasons():
        console.print(f"  {reason}", markup=False)
    if report.moved.any():
        shares = ", ".join(
            f"{json.dumps(name, ensure_ascii=False)}: {share:g}"
            for name, share in report.prior_to_set.items()
        )
        console.print(
            f"If the classes keep their new shares, set decision.prior to {{{shares}}} and run the experiment "
            "again: the trained network comes from cache.",
            markup=False,
        )


def _column_table(report: DriftReport) -> Table:
    """Shows the columns nearest to their limits, or beyond."""

    def nearness(column: Column) -> float:
        rise = max(_rise(column.missing), _rise(column.unknown)) / report.limits.max_distance
        return max((column.distance.distance or 0.0) / column.distance.limit, rise)

    shown = sorted(report.columns, key=nearness, reverse=True)[:_ROWS_SHOWN]
    left_out = len(report.columns) - len(shown)
    table = Table(
        title=Text("Columns, the most changed first"),
        title_justify="left",
        caption=Text(f"and {left_out} more, less changed") if left_out else None,
    )
    for heading in (
        "Column",
        "Measure",
        "Distance to train",
        "Limit",
        "Missing: test",
        "new",
        "Unknown: test",
        "new",
    ):
        table.add_column(heading, overflow="fold")
    for column in shown:
        distance = column.distance
        measured = (
            "-" if distance.distance is None else f"{distance.distance:.3f}{' *' if distance.drifted else ''}"
        )
        shares = ["-" if share is None else f"{share:.1%}" for share in (*column.missing, *column.unknown)]
        cells = (distance.name, distance.measure, measured, f"{distance.limit:.3g}", *shares)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _rise(shares: tuple[float | None, float | None]) -> float:
    return (shares[1] or 0.0) - (shares[0] or 0.0)


def _class_table(report: DriftReport) -> Table:
    estimates = {"EM": report.em, "Black box": report.black_box, "Labels": report.labelled}
    shown = {name: one for name, one in estimates.items() if one is not None}
    table = Table(title=Text("Shares of the classes, with 95 % intervals; * moved"), title_justify="left")
    for heading in ("Class", "Assumed", *shown, *(("Recall", "on test") if report.recalls else ())):
        table.add_column(heading, overflow="fold")
    for index, name in enumerate(report.classes):
        cells = [name + (" *" if report.moved[index] else ""), f"{report.assumed[index]:.2%}"]
        for one in shown.values():
            cells.append(f"{one.shares[index]:.2%} ({one.low[index]:.2%} to {one.high[index]:.2%})")
        if report.recalls:
            recall = report.recalls[index]
            cells += [_recall(recall.new, recall.new_interval), _recall(recall.test, recall.test_interval)]
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _recall(value: float | None, interval: Any) -> str:
    return "-" if value is None else f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
