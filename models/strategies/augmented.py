"""Transformed examples with the records that an augmentation makes before training."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable

from core.strategy_plan import SearchTask
from models.catalogue.row import load
from models.settings import TrainingSections


def augmented_examples(task: SearchTask, sections: TrainingSections, folder: Callable[[], str]) -> str:
    """Returns the folder of the examples that settings ask for, with a folder for each split.

    New records are made once for each seed and augmentation, and kept in the folder of the search. Of two processes
    that make the same at a time, one finds that the other was there before.

    Args:
        task: Where the records are, and how new ones are made.
        sections: The settings of the training.
        folder: Returns the folder of the search.
    """
    augmentation = sections.augmentation
    if augmentation.row_strategy == "none":
        return task.examples
    content = augmentation.model_dump(mode="json")
    name = hashlib.sha256(json.dumps([content, sections.seed], sort_keys=True).encode()).hexdigest()[:16]
    place = os.path.join(folder(), "augmented", name)
    if not os.path.exists(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        made = tempfile.mkdtemp(prefix=f"{name}-", dir=os.path.dirname(place))
        augment = load(":".join(task.augment_fn.rsplit(".", 1)))
        augment(task.examples, task.transform_graph, content, sections.seed, made)
        try:
            os.rename(made, place)
        except OSError:
            if not os.path.exists(place):
                raise
    return place
