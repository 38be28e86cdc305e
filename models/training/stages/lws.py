"""Learnable weight scaling: one scale per class on a frozen classifier."""

import keras

from models.training.class_scales import with_class_scales
from models.training.classifier_layer import train_only
from models.training.stages.training_stage import TrainingStage


class LearnableWeightScaling(TrainingStage):
    """Puts ClassScales on the classifier and trains nothing else.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217
    """

    def prepare(self, model: keras.Model) -> keras.Model:
        scaled = self.extended(model)
        train_only(scaled, "class_scales")
        return scaled

    def extended(self, model: keras.Model) -> keras.Model:
        return with_class_scales(model)
