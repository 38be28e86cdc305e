"""Experiment of the strategies that pay, with the evidence of each choice as its comment."""

from collections.abc import Iterator

from components.html_report.sections.strategies import signed_interval, strategy_title, verdict_counts
from core.documents.strategies import Strategies, TriedStrategy
from core.strategy_plan import StrategyPlan
from models.settings import TrainingSections
from models.strategies.combine import combined, combined_sections
from pipeline.config import Experiment
from pipeline.proposal.choice import Choice
from pipeline.proposal.experiment_text import experiment_text

# The experiment's own keys come first, then the sections in their order.
_WHOLE = (
    "data",
    "validation",
    "evaluation",
    "serving_validation",
    "serving",
    "bulk_inference",
    "seed",
    "quality",
)
_TRAINED = ("augmentation", "model", "loss", "training", "decision")


def best_experiment(plain: Experiment, plan: StrategyPlan, found: Strategies) -> Experiment:
    """Puts the chosen strategies into the experiment with plain cross entropy.

    Args:
        plain: That experiment.
        plan: What was tried.
        found: What was found.
    """
    strategies = {one.name: one for one in plan.strategies}
    values = combined(found.chosen, strategies)
    assert values is not None
    has_image = plain.data.format == "image_folder" or plain.data.image is not None
    own = TrainingSections.from_config(plain.model_dump(mode="json"))
    sections = combined_sections(own, values, has_image).model_dump(mode="json")
    content = plain.model_dump(mode="json", by_alias=True)
    content |= {name: sections[name] for name in _TRAINED if name in sections}
    rules = [strategies[name].rule for name in found.chosen if strategies[name].rule is not None]
    if rules:
        content["decision"]["rule"] = rules[0]
    elif found.decision_prior is not None:
        content["decision"]["prior"] = found.decision_prior
    return Experiment.model_validate(content)


def best_text(best: Experiment, plan: StrategyPlan, found: Strategies, command: str) -> str:
    """Writes the experiment as a YAML file that reads back as the same.

    Args:
        best: What `best_experiment` returned.
        plan: What was tried.
        found: What was found.
        command: That which runs the file.
    """
    head = [command, *_summary(found)]
    return experiment_text(head, list(_choices(best, plan, found)))


def _summary(found: Strategies) -> Iterator[str]:
    where = "eval" if found.judged_by == "eval" else "train and eval, out of fold"
    yield (
        f"Written by counterpoise strategies: {strategy_title(found.chosen)}. {verdict_counts(found)} Judged by "
        f"{found.records:,} records of {where}, {found.seeds} seeds; test had no say. Intervals hold together for the "
        f"{found.looked_at} strategies looked at."
    )
    for one in found.together:
        if one.names == found.chosen:
            yield f"All together: {_evidence(one)}."


def _choices(best: Experiment, plan: StrategyPlan, found: Strategies) -> Iterator[Choice]:
    whole = best.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    everything = best.model_dump(mode="json", by_alias=True)
    reasons = _reasons(plan, found)
    yield Choice("name", best.name)
    # What stands here is all there is.
    yield Choice("recipe", "none")
    for section in _WHOLE:
        if section in whole:
            yield Choice(section, whole[section])
    for section in _TRAINED:
        content = dict(whole.get(section, {}))
        for key in (key for own, key in reasons if own == section):
            content.setdefault(key, everything[section][key])
        for key, value in content.items():
            yield Choice(f"{section}.{key}", value, reasons.get((section, key), ""))


def _reasons(plan: StrategyPlan, found: Strategies) -> dict[tuple[str, str], str]:
    """Returns section and key of what the chosen strategies set, with the evidence."""
    reasons: dict[tuple[str, str], str] = {}
    for one in plan.strategies:
        if one.name not in found.chosen:
            continue
        reason = _reason(one.name, found)
        keys = [*one.settings, *(["decision.rule"] if one.rule else [])]
        for key in keys:
            section, name = key.split(".")[:2]
            reasons[section, name] = f"{reasons.get((section, name), '')} {reason}".strip()
    if found.decision_prior is not None and not any(
        one.rule for one in plan.strategies if one.name in found.chosen
    ):
        reasons["decision", "prior"] = (
            "The shares that the network learnt under: with those of train, calibration would take back what pays"
        )
    return reasons


def _reason(name: str, found: Strategies) -> str:
    [alone] = [one for one in found.singles if one.names == (name,)]
    said = f"{strategy_title([name])}: {_evidence(alone)}"
    for step in found.steps:
        if step.added == name and step.taken:
            value, interval = signed_interval(step.difference)
            said += f"; on top of the others macro-F1 {value} ({interval})"
    return said


def _evidence(one: TriedStrategy) -> str:
    shown = []
    for name, title in (("macro_f1", "macro-F1"), ("balanced_accuracy", "balanced accuracy")):
        value, interval = signed_interval(one.differences[name])
        shown.append(f"{title} {value} ({interval})")
    return f"{one.verdict}, {', '.join(shown)} over plain cross entropy"
