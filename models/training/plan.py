"""Plan of training: its stages in order, decided from the settings alone, before anything is built."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.catalogue.row import row_of
from models.catalogue.second_stages import SECOND_STAGES
from models.network.fine_tuning import Part, Phase, phases
from models.settings import ModelSettings, TrainingSettings


@dataclass(frozen=True)
class Stage:
    """A stretch of training that begins with a fresh optimizer.

    Attributes:
        name: Names the stage in the history.
        epochs: Most passes over the training records.
        part: What of the backbone learns besides all that follows it; None is a second stage, whose object in
            `stages` says what learns.
        sampling: How often each class is drawn.
        learning_rate: Step size at the start of the stage.
        class_weights_from: Epochs of the stage before class weights set in; None keeps them out.
        start: Epochs planned before it, of those that its sampling progresses over.
        span: Number of these epochs; None is the stage's own.
        balanced: Whether the records drawn are of every class alike, so that the loss corrects for nothing.
    """

    name: str
    epochs: int
    part: Part | None
    sampling: str
    learning_rate: float
    class_weights_from: int | None = 0
    start: int = 0
    span: int | None = None
    balanced: bool = False

    @property
    def trains_backbone(self) -> bool:
        return self.part in ("last_block", "all")

    @property
    def keeps_features(self) -> bool:
        """Whether images need to be seen by the backbone but once: it is frozen, and the head learns."""
        return self.part == "head"


def plan_stages(model: ModelSettings, training: TrainingSettings, has_image: bool) -> tuple[Stage, ...]:
    """Plans the stages of an experiment's training.

    The features are learnt first, in one stage, or in one for each phase of a pretrained backbone. A second stage
    then balances the classifier on top of them: trained on records drawn class-balanced and without class weights,
    or computed.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217

    Args:
        model: The network.
        training: How it is trained.
        has_image: Whether the records have an image.

    Returns:
        The stages in order, at least one; the epochs of all but the second stage's add up to
        `training.epochs`.
    """
    return (*_feature_stages(model, training, has_image), *_second_stage(training))


def _feature_stages(model: ModelSettings, training: TrainingSettings, has_image: bool) -> Iterator[Stage]:
    planned = phases(model.image, training.epochs) if has_image else (Phase("all", training.epochs),)
    start = 0
    for phase in planned:
        yield Stage(
            name="training" if len(planned) == 1 else phase.part,
            epochs=phase.epochs,
            part=phase.part,
            sampling=training.sampling,
            learning_rate=training.optimizer.learning_rate * phase.learning_rate_scale,
            class_weights_from=_weights_set_in(training.deferred or 0, start, phase.epochs),
            start=start,
            span=training.epochs,
        )
        start += phase.epochs


def _weights_set_in(deferred: int, start: int, epochs: int) -> int | None:
    """Counts from the start of a stage what `deferred` counts from that of training."""
    return max(deferred - start, 0) if deferred < start + epochs else None


def _second_stage(training: TrainingSettings) -> tuple[Stage, ...]:
    if training.second_stage == "none":
        return ()
    row = row_of(SECOND_STAGES, training.second_stage)
    return (
        Stage(
            name=row.name,
            epochs=training.second_stage_epochs if row.trains else 0,
            part=None,
            sampling="class_balanced",
            learning_rate=training.optimizer.learning_rate,
            class_weights_from=None,
            balanced=True,
        ),
    )
