"""Experiment as the report tells of it: the settings that its sections speak of, and all of them as YAML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

# Where the settings leave it open: few enough for a rare class to have records in each.
_WINDOWS = 4


@dataclass(frozen=True)
class Experiment:
    """The settings of a run.

    Attributes:
        name: Of the experiment.
        format: Of the data; None where it is not known.
        path: Of the data; None where it is not known.
        image: Column of the image's file in a table, or None.
        group: Column whose rows stay in one split, or None.
        search_space: Dotted key to `choice`, `float` or `int`, and `log`; empty without a search.
        search_by_folds: Whether trials are scored by folds, and not on eval.
        settings: All settings, as JSON.
    """

    name: str
    format: str | None = None
    path: str | None = None
    image: str | None = None
    group: str | None = None
    search_space: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    search_by_folds: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, experiment: str) -> "Experiment":
        """Reads the whole experiment from one JSON string."""
        return cls.of_settings(json.loads(experiment))

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> "Experiment":
        """Takes what the report speaks of out of all settings."""
        data = settings.get("data", {})
        return cls(
            name=settings["name"],
            format=data.get("format"),
            path=data.get("path"),
            image=data.get("image"),
            group=data.get("group"),
            search_space=(settings.get("tuner") or {}).get("space") or {},
            search_by_folds=(settings.get("tuner") or {}).get("by_folds", False),
            settings=settings,
        )

    @property
    def num_windows(self) -> int:
        """Windows of test by time that are scored; 0 where records have no times."""
        if not self.settings.get("data", {}).get("time"):
            return 0
        asked = self.settings.get("evaluation", {}).get("windows")
        return _WINDOWS if asked is None else int(asked)

    @property
    def image_feature(self) -> str | None:
        """Feature of the image in the examples, or None."""
        return "image" if self.format == "image_folder" else self.image

    def as_yaml(self) -> str:
        """Writes all settings as an experiment's file."""
        return yaml.safe_dump(dict(self.settings), sort_keys=False, allow_unicode=True)
