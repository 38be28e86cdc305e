"""Training cut to fewer epochs, with all that is counted in epochs."""

from models.tuning.trial_settings import Settings


def shortened(settings: Settings, epochs: int) -> Settings:
    """Changes settings to another number of epochs.

    What happens at a certain epoch keeps its place in the training: with `deferred: 24` of 30 epochs, class
    weights set in after 8 of 10. A training too short for it goes without.

    Args:
        settings: Valid `model` and `training` settings, as JSON; the rest is kept.
        epochs: Most epochs, at least 1.

    Returns:
        The same keys; the settings themselves where the epochs are those they have.
    """
    training, image = settings["training"], settings["model"]["image"]
    share = epochs / training["epochs"]
    if share == 1:
        return settings

    def scaled(count: int | None) -> int | None:
        return count if count is None else min(round(count * share), epochs - 1)

    optimizer = {**training["optimizer"], "warmup_epochs": scaled(training["optimizer"]["warmup_epochs"])}
    phases = {key: scaled(image[key]) for key in ("frozen_epochs", "last_block_epochs")}
    return {
        **settings,
        "model": {**settings["model"], "image": {**image, **phases}},
        "training": {
            **training,
            "epochs": epochs,
            "deferred": scaled(training["deferred"]) or None,
            "second_stage_epochs": max(round(training["second_stage_epochs"] * share), 1),
            "optimizer": optimizer,
        },
    }
