"""Plan of a search for strategies: which fit the experiment and its data, before TensorFlow is imported."""

from collections.abc import Collection, Sequence
from typing import Any

from components.minority_augmenter.check import check_embeddings, check_kind
from components.stratified_example_gen.sources import open_source
from components.stratified_example_gen.table import Table
from core.errors import InputError
from core.strategy_plan import LeftOutStrategy, PlannedStrategy, StrategyPlan
from core.suggestions import nearest
from models.catalogue.strategies import STRATEGIES, StrategyRow
from models.settings import TrainingSections
from models.strategies.combine import combined_sections
from models.tuning.trial_settings import setting
from pipeline.config import Experiment

_ENDING = 0.8
# What takes records away, which networks are to be judged by out of fold.
_TAKES_AWAY = ("undersample", "smote_tomek", "smote_enn")

# Where time is limited. Two networks on half of the records each take a quarter of the time of five on four fifths, so
# that four times as many strategies are tried; 5 x 2 cross-validation is by Dietterich, "Approximate Statistical Tests for
# Comparing Supervised Classification Learning Algorithms", 1998, https://doi.org/10.1162/089976698300017197.
_FOLDS_IN_SHORT = 2


def plan_strategies(
    plain: Experiment,
    only: Sequence[str] = (),
    seeds: int = 3,
    minutes: float | None = None,
    parallel: int = 1,
) -> StrategyPlan:
    """Plans which strategies are tried.

    Args:
        plain: The experiment with plain cross entropy.
        only: Names of strategies, or of their families; none is all.
        seeds: Trainings of each.
        minutes: Of the whole command; None is no limit.
        parallel: Trainings at the same time.

    Raises:
        InputError: A name is unknown, or no strategy fits.
    """
    rows = [row for row in STRATEGIES if not only or row.name in only or row.family in only]
    _check_names(only)
    data = _Data(plain)
    fitting: list[PlannedStrategy] = []
    left_out: list[LeftOutStrategy] = []
    # Of a table and of images there may be one each under a name; the one that fits counts.
    for row in rows:
        found = data.fitted(row)
        if isinstance(found, PlannedStrategy):
            fitting.append(found)
        else:
            left_out.append(LeftOutStrategy(name=row.name, reason=found))
    names = {one.name for one in fitting}
    left_out = list({one.name: one for one in left_out if one.name not in names}.values())
    if not fitting:
        reasons = "\n".join(f"  {one.name}: {one.reason}" for one in left_out)
        raise InputError(
            f"--only {','.join(only)}: none of these strategies fits this experiment and its data.\n{reasons}\n"
            "Leave --only out to try all that fit."
        )
    return StrategyPlan(
        strategies=tuple(fitting),
        does_not_fit=tuple(left_out),
        prior=plain.decision.prior if isinstance(plain.decision.prior, dict) else None,
        seeds=seeds,
        folds=None if minutes is None or plain.training.folds <= _FOLDS_IN_SHORT else _FOLDS_IN_SHORT,
        minutes=minutes,
        parallel=parallel,
    )


def _check_names(only: Collection[str]) -> None:
    known = list(dict.fromkeys([row.name for row in STRATEGIES] + [row.family for row in STRATEGIES]))
    for name in only:
        if name in known:
            continue
        near = nearest(name, known)
        hint = f"Did you mean {near!r}? " if near else ""
        raise InputError(
            f"--only: there is no strategy {name!r}. {hint}Strategies: {', '.join(row.name for row in STRATEGIES)}. "
            f"Families: {', '.join(dict.fromkeys(row.family for row in STRATEGIES))}."
        )


class _Data:
    """What of an experiment decides which strategies fit."""

    def __init__(self, plain: Experiment):
        self._plain = plain
        self._sections = TrainingSections.from_config(plain.model_dump(mode="json"))
        self._has_image = plain.data.format == "image_folder" or plain.data.image is not None
        self._has_table = plain.data.format != "image_folder" and _num_columns(plain) > 0

    def fitted(self, row: StrategyRow) -> PlannedStrategy | str:
        """Returns the strategy as it is tried here, or why it does not fit."""
        if row.rule is not None and self._plain.decision.costs is not None:
            return "Costs decide, and no rule beside them."
        if row.rule is not None:
            return PlannedStrategy(name=row.name, family=row.family, rule=row.rule, cost=row.cost)
        reason = self._wrong_kind(row)
        if reason:
            return reason
        settings: dict[str, Any] = dict(row.settings)
        if row.defers:
            epochs = self._sections.training.epochs
            if epochs < 2:
                return f"Class weights cannot set in late in a training of {epochs} epoch."
            settings["training.deferred"] = min(max(round(_ENDING * epochs), 1), epochs - 1)
        if all(setting(self._sections, key) == value for key, value in settings.items()):
            return "The experiment has it without any strategy."
        try:
            sections = combined_sections(self._sections, settings, self._has_image)
            check_kind(sections.augmentation, self._has_table, self._has_image)
            check_embeddings(sections.augmentation, self._has_table)
        except ValueError as error:
            return _first_sentences(error)
        except InputError as error:
            return str(error)
        return PlannedStrategy(name=row.name, family=row.family, settings=settings, cost=row.cost)

    def _wrong_kind(self, row: StrategyRow) -> str:
        image, table = self._has_image, self._has_table
        fits = {
            "any": (True, ""),
            "image": (image, "It is for images, and the records have none."),
            "table": (table, "It is for columns of a table, and the records have none."),
            "table alone": (table and not image, "It is for columns of a table without images."),
            "image and table": (
                image and table,
                "It joins images and columns, and the records have not both.",
            ),
            "pretrained": (
                image and self._plain.model.image.weights is not None,
                "It is for pretrained weights of images, and model.image.weights names none.",
            ),
        }
        is_fit, reason = fits[row.kind]
        if (
            is_fit
            and self._plain.training.folds > 1
            and row.settings.get("augmentation.tabular") in _TAKES_AWAY
        ):
            return "It takes records of train away, by which networks are judged out of fold. Set training.folds to 1."
        return "" if is_fit else reason


def _num_columns(experiment: Experiment) -> int:
    source = open_source(experiment.data, experiment.seed)
    return len(source.columns) if isinstance(source, Table) else 0


def _first_sentences(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]).removeprefix("Value error, ") if errors else str(error)
