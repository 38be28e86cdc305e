"""Resolves the examples of the last run, with which this run's are compared."""

from collections.abc import Mapping

import ml_metadata as mlmd
from tfx.dsl.components.common.resolver import Resolver, ResolverStrategy
from tfx.types import BaseChannel, Channel, standard_artifacts
from tfx.types.artifact import Artifact

from pipeline.output.artifact_content import find_damage

CURRENT, PREVIOUS = "current", "previous"


class PreviousExamplesStrategy(ResolverStrategy):
    """Takes the latest examples that are not those of this run.

    Not those of the run before: an unchanged run has the same examples, would find itself, and the stages
    that take its result would not come from cache. So it finds what the run before it found.
    """

    def resolve_artifacts(
        self, store: mlmd.MetadataStore, input_dict: Mapping[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Resolves the inputs.

        Args:
            store: The metadata store; not asked.
            input_dict: `current`, this run's examples, and `previous`, all there ever were.

        Returns:
            The same keys; `previous` with one artifact, or none where there are no others as they were
            written.
        """
        now = {artifact.id for artifact in input_dict[CURRENT]}
        others = [artifact for artifact in input_dict[PREVIOUS] if artifact.id not in now]
        latest_first = sorted(others, key=lambda artifact: artifact.id, reverse=True)
        latest = next((artifact for artifact in latest_first if find_damage(artifact) is None), None)
        return {CURRENT: input_dict[CURRENT], PREVIOUS: [] if latest is None else [latest]}


def previous_examples(current: BaseChannel) -> Resolver:
    """Makes the node; its output `previous` holds one artifact or none.

    Args:
        current: The examples of this run.
    """
    # With its output key too, the compiler would take it for the same channel as `current`, and resolve only one.
    every = Channel(type=standard_artifacts.Examples, producer_component_id=current.producer_component_id)
    node = Resolver(strategy_class=PreviousExamplesStrategy, **{CURRENT: current, PREVIOUS: every})
    return node.with_id("PreviousExamples")
