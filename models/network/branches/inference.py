"""Network as it is exported, without what training alone needs."""

import keras

from models.network.branches.bilateral import BilateralClassifier


def inference_model(model: keras.Model) -> keras.Model:
    """Returns the part of a classifier that answers, without what only training needs.

    Args:
        model: A classifier made by build_classifier.

    Returns:
        A functional model from a dict of inputs to logits, float32 `(batch, num_classes)`; log-probabilities
        where branches are groups of classes. It shares all weights with the classifier, and is the
        classifier itself unless that has inputs for training alone.
    """
    if isinstance(model, BilateralClassifier):
        return keras.Model(model.input, model.output, name=model.name)
    return model
