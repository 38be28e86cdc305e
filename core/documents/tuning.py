"""Tuning: what a search over settings found, as the Tuner writes it."""

from typing import ClassVar

from pydantic import JsonValue

from core.documents.document import Document, Part
from core.documents.values import Count, Number


class Trial(Part):
    """One trial of a search.

    Attributes:
        trial: Its number, from 1.
        status: `completed` or `failed`.
        score: The objective; None where it failed.
        epochs: Epochs it trained for; None where it failed.
        seconds: Its time; None where it failed.
        message: Why it failed; empty where it did not.
        hyperparameters: Settings by dotted key.
    """

    trial: Count
    status: str
    score: Number | None
    epochs: Count | None
    seconds: Number | None
    message: str
    hyperparameters: dict[str, JsonValue]


class Search(Part):
    """Trials of a search, the best one, and what mattered.

    Attributes:
        objective: Figure that ranks the trials.
        direction: `max` or `min`.
        best_trial: Number of the best trial.
        best_score: Its score.
        hyperparameters: Its settings by dotted key.
        importance: Setting to its share in the score, the largest first; empty where nothing can be told.
        trials: In the order in which they began.
    """

    objective: str
    direction: str
    best_trial: Count
    best_score: Number | None
    hyperparameters: dict[str, JsonValue]
    importance: dict[str, Number]
    trials: tuple[Trial, ...]


class Tuning(Search, Document):
    """What a search found."""

    FILE_NAME: ClassVar[str] = "tuning.json"

    def with_gain(self, gain: "SearchGain | None") -> "SearchResult":
        """Returns what metrics.json says of it.

        Args:
            gain: Of the best trial over the experiment's own settings; None where it is not known.
        """
        found = {name: getattr(self, name) for name in Search.model_fields}
        return SearchResult(**found, gain=gain)


class SearchGain(Part):
    """Gain of the best trial over the experiment's own settings, and the ends of its 95 % interval."""

    gain: Number
    low: Number
    high: Number


class SearchResult(Search):
    """What metrics.json says of a search.

    Attributes:
        gain: Of the best trial over the experiment's own settings; None where it is not known.
    """

    gain: SearchGain | None = None
