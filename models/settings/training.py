"""Epochs, batches, sampling, and the figure that picks the best epoch."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from core.settings import Settings
from models.catalogue.row import listed, names_of, one_of
from models.catalogue.sampling import SAMPLINGS
from models.catalogue.second_stages import SECOND_STAGES
from models.settings.optimizer import OptimizerSettings

# val_average_precision is that of the rarer of two classes; with more there is none.
Monitor = Literal[
    "val_macro_f1",
    "val_balanced_accuracy",
    "val_accuracy",
    "val_macro_average_precision",
    "val_average_precision",
    "val_loss",
]
# The loss of the eval split at its own best temperature picks an epoch, and ranks no trials.
EpochMonitor = Monitor | Literal["val_refined_loss"]
if TYPE_CHECKING:
    Sampling = str
    SecondStageName = str
else:
    Sampling = one_of(*names_of(SAMPLINGS))
    SecondStageName = one_of("none", *names_of(SECOND_STAGES))
_TRAINED = [row for row in SECOND_STAGES if row.trains]
_COMPUTED = [row for row in SECOND_STAGES if not row.trains]


class TrainingSettings(Settings):
    """How long, on which batches, and by which figure the model is trained."""

    epochs: int = Field(30, ge=1, description="Most passes over the training records.")
    batch_size: int = Field(64, ge=1, description="Records per step.")
    sampling: Sampling = Field(
        "natural",
        description="How often each class is drawn: "
        f"{', '.join(f'{row.name} {row.summary}' for row in SAMPLINGS)}.",
    )
    optimizer: OptimizerSettings = Field(
        default_factory=OptimizerSettings, description="How weights follow the gradient."
    )
    deferred: int | None = Field(
        None,
        ge=1,
        description="Epochs trained before class weights set in (deferred re-weighting); null is from the first.",
    )
    second_stage: SecondStageName = Field(
        "none",
        description="How the classifier is balanced once the features are learnt: "
        f"{', '.join(f'{row.name} {row.summary}' for row in (*_TRAINED, *_COMPUTED))}.",
    )
    second_stage_epochs: int = Field(
        10,
        ge=1,
        description=f"{listed(names_of(_TRAINED))} only: most epochs of the second stage, besides `epochs`.",
    )
    ema: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Decay of the moving average of the weights that is evaluated and kept; null keeps the "
        "weights themselves.",
    )
    precise_batch_norm: bool = Field(
        False,
        description="Images only: whether batch normalisation that is trained has its statistics measured over the "
        "training images as they are, once the best epoch is chosen, in place of moving averages over augmented ones.",
    )
    monitor: EpochMonitor = Field(
        "val_macro_f1",
        description="Figure that picks the best epoch; val_refined_loss is the loss that is left once the temperature "
        "is refitted, as calibration does.",
    )
    patience: int | None = Field(
        10,
        ge=1,
        description="Epochs without a better `monitor` before training stops; null never stops early.",
    )
    mixed_precision: bool = Field(
        False, description="Compute in float16 where that is safe; pays on GPUs only."
    )

    folds: int = Field(
        1,
        ge=1,
        le=20,
        description="Networks trained, each on all of train and eval but one fold, which picks its best epoch; their "
        "mean probability is served, and the decision is fitted on what each says of its own fold. 1 trains one "
        "network on train and picks its epoch by eval.",
    )

    @model_validator(mode="after")
    def _weights_set_in_before_the_end(self) -> "TrainingSettings":
        if self.deferred is not None and self.deferred >= self.epochs:
            raise ValueError(
                f"`deferred` must be below `epochs`, or class weights never set in. Received: deferred="
                f"{self.deferred} with epochs={self.epochs}. Set it to about 0.8 of `epochs`, or to null."
            )
        return self

    @model_validator(mode="after")
    def _training_outlasts_its_warm_up(self) -> "TrainingSettings":
        if self.optimizer.warmup_epochs >= self.epochs:
            raise ValueError(
                "`optimizer.warmup_epochs` must be below `epochs`. Received: optimizer.warmup_epochs="
                f"{self.optimizer.warmup_epochs} with epochs={self.epochs}. Set it to about 0.05 of `epochs`."
            )
        return self

    @model_validator(mode="after")
    def _monitor_is_comparable(self) -> "TrainingSettings":
        changes = [key for key in ("deferred", "second_stage") if getattr(self, key) not in (None, "none")]
        if changes and self.monitor in ("val_loss", "val_refined_loss"):
            raise ValueError(
                f"`monitor` cannot be {self.monitor} where the loss changes on the way, by {changes[0]}="
                f"{getattr(self, changes[0])}: values before and after do not compare. Set it to val_macro_f1."
            )
        return self
