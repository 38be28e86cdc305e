"""Second stages, which balance the classifier once the features are learnt: exclusions, builder, source of each."""

from dataclasses import dataclass

from models.catalogue.branches import BRANCHES
from models.catalogue.encoders import ENCODERS
from models.catalogue.row import Exclusion, Row, names_of


@dataclass(frozen=True)
class SecondStageRow(Row):
    """A second stage; its builder makes a TrainingStage of its plan, a Stage.

    Attributes:
        trains: Whether it takes epochs, on records drawn class-balanced.
    """

    trains: bool = True


_KANG = (
    'Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020, '
    "https://arxiv.org/abs/1910.09217"
)
_SEVERAL_CLASSIFIERS = Exclusion(
    "model.branches",
    names_of(row for row in BRANCHES if not row.one_classifier),
    "training.second_stage balances the classifier of a network that has one.",
    instead="none",
    other_instead="single",
)
_COSINES = Exclusion(
    "model.classifier",
    ("cosine",),
    "tau_norm changes the lengths of the class vectors, which have no say in a cosine classifier.",
    instead="crt or lws",
    other_instead="linear",
)


def _members(name: str) -> Exclusion:
    return Exclusion(
        "model.tabular.encoder",
        names_of(row for row in ENCODERS if row.has_members),
        f"{name} balances one classifier's class vectors; an ensemble averages the probabilities of many.",
        instead="crt",
        other_instead="mlp",
    )


SECOND_STAGES: tuple[SecondStageRow, ...] = (
    SecondStageRow(
        "crt",
        "models.training.stages.crt:ClassifierRetraining",
        _KANG,
        "trains it anew on records drawn class-balanced",
        excludes=(_SEVERAL_CLASSIFIERS,),
    ),
    SecondStageRow(
        "tau_norm",
        "models.training.stages.tau_norm:TauNormalisation",
        _KANG,
        "brings the lengths of the class vectors nearer to each other",
        excludes=(_SEVERAL_CLASSIFIERS, _COSINES, _members("tau_norm")),
        trains=False,
    ),
    SecondStageRow(
        "lws",
        "models.training.stages.lws:LearnableWeightScaling",
        _KANG,
        "learns one scale per class on them",
        excludes=(_SEVERAL_CLASSIFIERS, _members("lws")),
    ),
)
