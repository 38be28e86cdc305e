"""Classifier retraining: the last layer begun anew on records drawn of every class alike."""

import keras

from models.training.classifier_layer import reset_classifier, train_only
from models.training.stages.training_stage import TrainingStage


class ClassifierRetraining(TrainingStage):
    """Trains the layer `logits` from its initial weights, on frozen features.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217
    """

    def prepare(self, model: keras.Model) -> keras.Model:
        reset_classifier(model)
        train_only(model, "logits")
        return model
