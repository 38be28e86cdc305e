"""Settings that can be searched over, and what each takes. No TensorFlow: configuration is checked with it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter

from models.catalogue.mixing import MIXINGS
from models.catalogue.row import names_of, one_of
from models.settings import LossSettings, ModelSettings, TrainingSettings

# What stands in the way of searching over a setting.
_FIXED = {
    "training.epochs": "the epochs of a trial are those of `tuner.epochs`",
    "training.monitor": "trials are ranked by `tuner.objective`",
    "loss.config": "a loss is searched over by its name alone",
    "training.optimizer.config": "an optimizer is searched over by its name alone",
    "model.image.weights": "whether a backbone is pretrained is part of the experiment",
    **dict.fromkeys(
        (
            f"augmentation.{name}"
            for name in ("tabular", "target_ratio", "max_factor", "preset", "operations", "neighbours")
        ),
        "it is done before training, once for all trials",
    ),
}
_SECTIONS: dict[str, type[BaseModel]] = {
    "model": ModelSettings,
    "loss": LossSettings,
    "training": TrainingSettings,
}
MIXING = ("none", *names_of(MIXINGS))
# The rest of augmentation is done before training, once.
_AUGMENTATION: Mapping[str, Any] = {
    "augmentation.image": one_of(*MIXING),
    "augmentation.alpha": Annotated[float, Field(gt=0)],
    "augmentation.crop_flip": bool,
    "augmentation.turn_zoom": bool,
    "augmentation.strength": bool | Annotated[float, Field(gt=0, le=1)],
}


@cache
def tunable() -> dict[str, TypeAdapter[Any]]:
    """Returns every key that can be searched over, with what checks a value for it."""
    return {
        **{
            key: adapter
            for name, section in _SECTIONS.items()
            for key, adapter in _leaves(name, section)
            if key not in _FIXED
        },
        **{key: TypeAdapter(kind) for key, kind in _AUGMENTATION.items()},
    }


def sections() -> set[str]:
    """Returns the keys that hold others."""
    return {key.rpartition(".")[0] for key in tunable()} | {"model", "loss", "training", "augmentation"}


def reason_fixed(key: str) -> str | None:
    """Returns what stands in the way of searching over a key that exists; None where nothing does."""
    return _FIXED.get(key)


def _leaves(prefix: str, section: type[BaseModel]) -> Iterator[tuple[str, TypeAdapter[Any]]]:
    for name, field in section.model_fields.items():
        key, annotation = f"{prefix}.{name}", field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _leaves(key, annotation)
        else:
            whole: Any = Annotated[annotation, field]  # type: ignore[valid-type]
            yield key, TypeAdapter(whole)
