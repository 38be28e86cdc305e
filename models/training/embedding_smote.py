"""Synthetic embeddings of rare classes, for the head of a frozen backbone."""

from collections.abc import Sequence
from dataclasses import dataclass

import imblearn
import numpy as np

from core.augmentation.growth_plan import plan_counts
from core.augmentation.settings import AugmentationSettings


@dataclass(frozen=True)
class EmbeddingSmote:
    """Makes embeddings between those of a class.

    With x the embedding of a record, x' that of one of its nearest neighbours of the same class, and u uniform
    in [0, 1], a synthetic embedding is `x + u (x' - x)`. Between two images, pixel by pixel, lies a double
    exposure; between what a pretrained network sees in them often lies what it would see in a third.

    Reference: Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique", 2002,
    https://doi.org/10.1613/jair.953; Dablain et al., "DeepSMOTE", 2021, https://arxiv.org/abs/2105.02340,
    which draws between embeddings too, of an encoder of its own.

    Attributes:
        make: Number of embeddings to make of each class, at least 0.
        neighbours: Nearest neighbours that x' is drawn from, at least 1. A class of n records has n - 1; one of
            a single record is copied.
        seed: Decides every draw.
    """

    make: Sequence[int]
    neighbours: int
    seed: int

    @classmethod
    def from_settings(
        cls, augmentation: AugmentationSettings, classes: Sequence[str], class_counts: np.ndarray, seed: int
    ) -> "EmbeddingSmote | None":
        """Reads what an experiment's `augmentation` asks of the frozen phase.

        Args:
            augmentation: `image` may be embedding_smote; then `target_ratio`, `max_factor` and `neighbours` as
                in the stage MinorityAugmenter.
            classes: Names of the classes in the order of the counts.
            class_counts: Numbers of training records, `(num_classes,)`, each above 0.
            seed: Decides every draw.

        Returns:
            What to make, or None where embeddings are left as they are.
        """
        if not augmentation.in_training:
            return None
        plan = plan_counts(dict(zip(classes, map(int, class_counts), strict=True)), augmentation)
        return cls(tuple(plan.make.get(name, 0) for name in classes), augmentation.neighbours, seed)

    def with_synthetic(self, embeddings: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Puts the synthetic embeddings after the real ones.

        Args:
            embeddings: Float32 `(records, dim)`.
            labels: Class indices, int64 `(records,)`; every class to grow occurs.

        Returns:
            Embeddings and labels likewise, `sum(make)` more.

        Raises:
            ValueError: The embeddings are no vectors.
        """
        if embeddings.ndim != 2:
            raise ValueError(
                "augmentation.image: embedding_smote draws between vectors, and the frozen backbone's features "
                f"are kept as maps of shape {embeddings.shape[1:]}, because not their mean alone is read. Set "
                "model.attention to none and model.pooling to mean."
            )
        counts = np.bincount(labels, minlength=len(self.make))
        grown = [(embeddings, labels)]
        # One call for all classes that have as many neighbours: each call goes over all records.
        for neighbours in sorted({self._neighbours(count) for count in counts[np.asarray(self.make) > 0]}):
            chosen = [
                label
                for label, made in enumerate(self.make)
                if made and self._neighbours(counts[label]) == neighbours
            ]
            grown.append(self._made(embeddings, labels, counts, chosen, neighbours))
        vectors, of_class = zip(*grown, strict=True)
        return np.concatenate(vectors), np.concatenate(of_class)

    def _neighbours(self, count: int) -> int:
        return min(self.neighbours, int(count) - 1)

    def _made(
        self,
        embeddings: np.ndarray,
        labels: np.ndarray,
        counts: np.ndarray,
        chosen: Sequence[int],
        neighbours: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        if neighbours == 0:
            copied = np.repeat(np.asarray(chosen, labels.dtype), [self.make[label] for label in chosen])
            single = {label: embeddings[np.argmax(labels == label)] for label in chosen}
            return np.stack([single[int(label)] for label in copied]), copied
        wanted = {label: int(counts[label]) + self.make[label] for label in chosen}
        sampler = imblearn.over_sampling.SMOTE(
            sampling_strategy=wanted, k_neighbors=neighbours, random_state=self.seed
        )
        resampled, of_class = sampler.fit_resample(embeddings, labels)
        # The sampler puts what it made after what it was given.
        return resampled[len(labels) :], of_class[len(labels) :]
