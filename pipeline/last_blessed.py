"""Resolves the last blessed model, with which this run's is compared."""

from collections.abc import Mapping

import ml_metadata as mlmd
from tfx.components.evaluator import constants
from tfx.dsl.components.common.resolver import Resolver, ResolverStrategy
from tfx.types import BaseChannel, Channel, standard_artifacts
from tfx.types.artifact import Artifact

from pipeline.output.artifact_content import find_damage

CURRENT, MODEL, BLESSING = "current", "model", "blessing"


class LastBlessedStrategy(ResolverStrategy):
    """Takes the latest blessed model that is not the one of this run.

    TFX's own strategy takes the latest of all: an unchanged run would find its own model, blessed by the run
    before, and the Evaluator would not come from cache.
    """

    def resolve_artifacts(
        self, store: mlmd.MetadataStore, input_dict: Mapping[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Resolves the inputs.

        Args:
            store: The metadata store; not asked.
            input_dict: `current`, this run's model; `model` and `blessing`, all there ever were.

        Returns:
            The same keys; `model` and `blessing` with one artifact each, or none where no other model that
            is still as it was written was blessed.
        """
        now = {artifact.id for artifact in input_dict[CURRENT]}
        blessings = {
            artifact.get_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY): artifact
            for artifact in sorted(input_dict[BLESSING], key=lambda artifact: artifact.id)
            if artifact.get_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY) == 1
        }
        blessed = [
            artifact for artifact in input_dict[MODEL] if artifact.id in blessings and artifact.id not in now
        ]
        # By the blessing: a model from cache may have been blessed again after a younger one.
        latest_first = sorted(blessed, key=lambda artifact: blessings[artifact.id].id, reverse=True)
        latest = next((artifact for artifact in latest_first if find_damage(artifact) is None), None)
        return {
            CURRENT: input_dict[CURRENT],
            MODEL: [] if latest is None else [latest],
            BLESSING: [] if latest is None else [blessings[latest.id]],
        }


def last_blessed_model(current: BaseChannel) -> Resolver:
    """Makes the node; its output `model` holds one artifact or none.

    Args:
        current: The model of this run.
    """
    # With its output key too, the compiler would take it for the same channel as `current`, and resolve only one.
    every = Channel(type=standard_artifacts.Model, producer_component_id=current.producer_component_id)
    blessings = Channel(type=standard_artifacts.ModelBlessing)
    node = Resolver(
        strategy_class=LastBlessedStrategy, **{CURRENT: current, MODEL: every, BLESSING: blessings}
    )
    return node.with_id("LastBlessedModel")
