"""What whole trainings of a small network are compared by."""

import keras
import numpy as np

from models.training.job import Trained

UNWEIGHTED = {"class_weights": "none"}
SMOTE = {"image": "embedding_smote", "target_ratio": 1.0, "neighbours": 3, "max_factor": None}
# What is dropped is drawn otherwise where steps are taken in a loop of the graph.
NO_DROPOUT = {"tabular": {"hidden_units": (16,), "dropout": 0.0}}


def weights_by_layer(trained: Trained) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for layer in trained.model.layers if layer.weights}


def changed_layers(one: Trained, other: Trained) -> set[str]:
    first, second = weights_by_layer(one), weights_by_layer(other)
    return {
        name
        for name in first.keys() | second.keys()
        if name not in first
        or name not in second
        or any(not np.array_equal(a, b) for a, b in zip(first[name], second[name], strict=True))
    }


def figures(trained: Trained) -> list[dict]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in trained.history]


def eval_figures(trained: Trained, job) -> tuple[float, float]:
    """Accuracy and balanced accuracy on the eval split, computed anew."""
    inputs, labels = next(iter(job.evaluation.batches(1000, 1000)))
    answers = trained.model(inputs, training=False).numpy()
    hits, labels = answers.argmax(axis=1) == labels.numpy(), labels.numpy()
    return hits.mean(), np.mean([hits[labels == label].mean() for label in np.unique(labels)])


def step_ends(run) -> list[int]:
    ends: list[int] = []
    run([keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ends.append(batch))])
    return ends


def head_only(job_of, pretrained: str, dropout: float = 0.2, **settings):
    image = {"size": (10, 8), "channels": 1, "alpha": 0.25, "weights": pretrained, "fine_tune": "none"}
    image["dropout"] = dropout
    return job_of("image", {"image": image, "embedding_units": 8}, UNWEIGHTED, **{"epochs": 2, **settings})
