"""Quality of a run, as the options of the command say it."""

from core.errors import InputError


def quality_settings(quality: str | None, fast: bool) -> list[str]:
    """Writes `--quality` and `--fast` as settings of the experiment.

    Raises:
        InputError: They contradict each other.
    """
    if fast and quality not in (None, "fast"):
        raise InputError(
            f"--fast is --quality fast. Received: --fast --quality {quality}. Leave one of them out."
        )
    chosen = "fast" if fast else quality
    return [] if chosen is None else [f"quality={chosen}"]
