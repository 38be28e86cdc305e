"""Stages that learn features: all of the network, or a part of a pretrained backbone and what follows it."""

import keras

from models.network.fine_tuning import set_trainable
from models.training.stages.training_stage import TrainingStage


class FeatureStage(TrainingStage):
    """Trains the part of the backbone that the plan names, and everything outside the backbone."""

    def prepare(self, model: keras.Model) -> keras.Model:
        assert self.plan.part is not None
        set_trainable(model, self.plan.part)
        return model
