"""Mixings of two records of a training batch: what each needs, and where it is from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedMixing:
    """A mixing that `augmentation.image` can name; training carries it out, batch by batch.

    Attributes:
        name: What the experiment says.
        source: Where it is from: authors, title, year, link.
        image_only: What it does to images, where it has nothing to work on without one; else empty.
        searched: Whether it is in the default search space.
    """

    name: str
    source: str
    image_only: str = ""
    searched: bool = False


MIXINGS: tuple[NamedMixing, ...] = (
    NamedMixing(
        "mixup",
        'Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018, https://arxiv.org/abs/1710.09412',
        searched=True,
    ),
    NamedMixing(
        "cutmix",
        'Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019, '
        "https://arxiv.org/abs/1905.04899",
        image_only="puts a piece of one image into another",
    ),
    NamedMixing(
        "remix",
        'Chou et al., "Remix: Rebalanced Mixup", 2020, https://arxiv.org/abs/2007.03943',
        searched=True,
    ),
)
