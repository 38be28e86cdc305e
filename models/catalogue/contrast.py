"""Exclusions of the supervised contrastive loss, which an experiment adds to any other by its weight."""

from models.catalogue.branches import BRANCHES
from models.catalogue.encoders import ENCODERS
from models.catalogue.row import Exclusion, names_of

CONTRAST_EXCLUDES: tuple[Exclusion, ...] = (
    Exclusion(
        "model.branches",
        names_of(row for row in BRANCHES if not row.one_classifier),
        "loss.contrastive draws the embeddings of a class together, and several branches have one each.",
        instead="0",
        other_instead="single",
    ),
    Exclusion(
        "model.tabular.encoder",
        names_of(row for row in ENCODERS if row.has_members),
        "loss.contrastive draws the embeddings of a class together, and the members of an ensemble have one each.",
        instead="0",
        other_instead="mlp",
    ),
)
