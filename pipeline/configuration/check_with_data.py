"""Checks an experiment against its data before TensorFlow is imported."""

from collections import Counter
from collections.abc import Collection

from pydantic import ValidationError

from components.decision_calibrator.check import check_class_counts, check_class_names
from components.decision_calibrator.daily_queue import with_share_of_day
from components.decision_calibrator.rules.capacity import Capacity
from components.minority_augmenter.check import check_kind
from components.stratified_example_gen.check_amounts import check_amounts
from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.check_time import check_time
from components.stratified_example_gen.corrections.check_corrections import corrected_counts
from components.stratified_example_gen.sources import open_source, table_columns
from components.stratified_example_gen.table import Table
from components.unlabelled_example_gen.check_new_data import check_new_data
from core.errors import InputError
from core.named_in_data import Mention, mentions, respelled
from core.printable import listed
from models.settings import TunerSettings
from pipeline.config import Experiment
from pipeline.configuration.check_held_out import check_held_out_records
from pipeline.configuration.explain_validation_error import explain_validation_error
from pipeline.configuration.spelling_in_data import spelling_in_data


def check_with_data(experiment: Experiment) -> tuple[Experiment, Counter[str]]:
    """Checks that the data are there, can be split, and hold every class and column that the experiment names.

    Returns:
        The experiment with these names as the data spell them; and class name to number of examples.

    Raises:
        InputError: Something is not there, or does not go together.
    """
    experiment = _with_columns(experiment)
    classes = check_data(experiment.data, experiment.seed, experiment.validation.wants_one_spelling)
    classes = corrected_counts(experiment.data, experiment.seed, classes)
    if experiment.bulk_inference is not None:
        check_new_data(experiment.bulk_inference, experiment.data, experiment.seed)
    experiment = _spelled(experiment, "class", classes, "in the data")
    check_class_names(experiment.decision, classes)
    check_class_counts(experiment.decision, classes)
    if isinstance(experiment.decision.rule, Capacity) and experiment.data.time is not None:
        check_class_counts(with_share_of_day(experiment.decision, check_time(experiment.data)), classes)
    check_held_out_records(experiment, classes.total())
    if experiment.decision.costs is not None:
        check_amounts(experiment.data, experiment.seed, experiment.decision.costs.columns)
    check_kind(
        experiment.augmentation,
        has_columns=experiment.data.format != "image_folder",
        has_image=experiment.data.format == "image_folder" or experiment.data.image is not None,
    )
    _check_objective(experiment.tuner, len(classes))
    return experiment, classes


def _with_columns(experiment: Experiment) -> Experiment:
    if experiment.data.format == "image_folder":
        return experiment
    path, columns = table_columns(experiment.data)
    experiment = _spelled(experiment, "column", columns, f"in {path}")
    source = open_source(experiment.data, experiment.seed)
    assert isinstance(source, Table)
    roles = {one.name: one.key for one in mentions(experiment.data, "data")}
    for mention in (
        *mentions(experiment.evaluation, "evaluation"),
        *mentions(experiment.decision, "decision"),
    ):
        if mention.kind == "column" and mention.name not in source.columns:
            why = (
                f"it stands in {roles[mention.name]}" if mention.name in roles else "no list of data holds it"
            )
            raise InputError(
                f"{mention.key}: the records have no feature of the column {mention.name!r}, as {why}. Take it out, or "
                f"name one of: {listed(list(source.columns))}."
            )
    return experiment


def _spelled(experiment: Experiment, kind: str, known: Collection[str], where: str) -> Experiment:
    """Returns the experiment with names of one kind as the data spell them."""
    changed: list[Mention] = []

    def spell(mention: Mention) -> str:
        if mention.kind != kind or mention.name in known:
            return mention.name
        changed.append(mention)
        return spelling_in_data(mention, known, where)

    result = respelled(experiment, spell)
    if not changed:
        return experiment
    try:
        return Experiment.model_validate(result.model_dump(by_alias=True, exclude_unset=True))
    except ValidationError as err:  # A name stands in two places, which two spellings hid.
        raise InputError(explain_validation_error(err, Experiment)) from err


def _check_objective(tuner: TunerSettings, num_classes: int) -> None:
    if tuner.enabled and tuner.objective == "val_average_precision" and num_classes != 2:
        raise InputError(
            "tuner.objective: val_average_precision is that of the rarer of two classes. Received: "
            f"val_average_precision with {num_classes} classes. Set it to val_macro_average_precision."
        )
