"""StrategySearch: finds out which strategies for imbalanced data pay on these."""

import importlib
import json
import os

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import standard_artifacts

from components import artifacts
from core.file_names import STRATEGIES_TABLE
from core.strategy_plan import SearchTask, StrategyPlan, StrategySearchFn


@component
def StrategySearch(
    examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    strategies: OutputArtifact[artifacts.StrategyResults],
    training: Parameter[str],
    plan: Parameter[str],
    folder: Parameter[str],
    search_fn: Parameter[str],
    judge_fn: Parameter[str],
    augment_fn: Parameter[str],
) -> None:
    """Trains plain cross entropy with each strategy as one change, and with those together that pay.

    Every network is judged by records of eval, or out of fold; test is not read.

    Args:
        examples: What Transform made of the splits.
        transform_graph: Its graph.
        strategies: Its folder gets `strategies.json`, see Strategies, and `strategies.csv`.
        training: What the Trainer takes as its `custom_config`, as one JSON string, with the settings of plain cross
            entropy.
        plan: StrategyPlan as one JSON string.
        folder: Where searches are kept, so that one that was killed goes on.
        search_fn: Dotted path of what searches; see `core.strategy_plan.StrategySearchFn`.
        judge_fn: Dotted path of what says which strategies pay; see `core.strategy_plan.JudgeFn`.
        augment_fn: Dotted path of what makes records; see `core.strategy_plan.AugmentFn`.
    """
    # Few runs compare strategies, and all import their stages.
    from components.strategy_search.describe import as_csv, described

    settings, planned = json.loads(training), StrategyPlan.model_validate_json(plan)
    module, _, name = search_fn.rpartition(".")
    search: StrategySearchFn = getattr(importlib.import_module(module), name)
    task = SearchTask(examples.uri, transform_graph.uri, settings, planned, folder, judge_fn, augment_fn)
    found = described(search(task), planned, out_of_fold=settings["training"]["folds"] > 1)
    found.write(strategies.uri, fileio)
    with fileio.open(os.path.join(strategies.uri, STRATEGIES_TABLE), "w") as handle:
        handle.write(as_csv(found))
