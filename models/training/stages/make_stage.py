"""Stage of a plan as the object that carries it out."""

from models.catalogue.row import row_of
from models.catalogue.second_stages import SECOND_STAGES
from models.training.plan import Stage
from models.training.stages.features import FeatureStage
from models.training.stages.training_stage import TrainingStage


def make_stage(plan: Stage) -> TrainingStage:
    """Makes the stage that learns features, or the second stage that the plan names."""
    if plan.part is not None:
        return FeatureStage(plan)
    stage: TrainingStage = row_of(SECOND_STAGES, plan.name).load()(plan)
    return stage
