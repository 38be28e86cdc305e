"""Training cut to fewer epochs, with all that is counted in epochs."""

from models.settings import ModelSettings, TrainingSections, TrainingSettings


def shortened(sections: TrainingSections, epochs: int) -> TrainingSections:
    """Changes settings to another number of epochs.

    What happens at a certain epoch keeps its place in the training: with `deferred: 24` of 30 epochs, class
    weights set in after 8 of 10. A training too short for it goes without.

    Args:
        sections: The settings of a training.
        epochs: Most epochs, at least 1.

    Returns:
        The shorter training's; the settings themselves where the epochs are those they have.
    """
    content = sections.model_dump(mode="json", include={"model", "training"})
    training, image = content["training"], content["model"]["image"]
    share = epochs / training["epochs"]
    if share == 1:
        return sections

    def scaled(count: int | None) -> int | None:
        return count if count is None else min(round(count * share), epochs - 1)

    image |= {key: scaled(image[key]) for key in ("frozen_epochs", "last_block_epochs")}
    training["optimizer"]["warmup_epochs"] = scaled(training["optimizer"]["warmup_epochs"])
    training |= {
        "epochs": epochs,
        "deferred": scaled(training["deferred"]) or None,
        "second_stage_epochs": max(round(training["second_stage_epochs"] * share), 1),
    }
    return sections.model_copy(
        update={
            "model": ModelSettings.model_validate(content["model"]),
            "training": TrainingSettings.model_validate(training),
        }
    )
