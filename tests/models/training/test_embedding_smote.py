import itertools

import numpy as np
import pytest

from core.augmentation.settings import AugmentationSettings
from models.training.embedding_smote import EmbeddingSmote

COUNTS = (40, 6, 2, 1)
AUGMENTATION = AugmentationSettings(image="embedding_smote", target_ratio=0.5)


@pytest.fixture
def records() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = random.permutation(np.repeat(np.arange(4), COUNTS))
    return random.normal(labels[:, np.newaxis], 1, (len(labels), 3)).astype(np.float32), labels


def smote(make=(0, 14, 18, 19), neighbours=5, seed=1) -> EmbeddingSmote:
    return EmbeddingSmote(make, neighbours, seed)


def is_between(point: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    """Whether the way from one to the other is no longer by the point."""
    by_point = np.linalg.norm(point - first) + np.linalg.norm(second - point)
    return by_point == pytest.approx(np.linalg.norm(second - first), abs=1e-5)


def test_every_class_gets_what_the_settings_ask_for(records):
    asked = EmbeddingSmote.from_settings(AUGMENTATION, list("abcd"), np.array(COUNTS), seed=1)
    assert (asked.make, asked.neighbours) == ((0, 14, 18, 19), 5)
    _, labels = asked.with_synthetic(*records)
    assert np.bincount(labels).tolist() == [40, 20, 20, 20]


@pytest.mark.parametrize("image", ["none", "rotate_scale", "mixup"])
def test_without_the_strategy_nothing_is_made(image):
    settings = AugmentationSettings(image=image)
    assert EmbeddingSmote.from_settings(settings, list("abcd"), np.array(COUNTS), seed=1) is None


def test_real_embeddings_come_first_and_as_they_are(records):
    embeddings, labels = smote().with_synthetic(*records)
    np.testing.assert_array_equal(embeddings[:49], records[0])
    np.testing.assert_array_equal(labels[:49], records[1])
    assert embeddings.dtype == np.float32 and labels.dtype == np.int64


def test_synthetic_embeddings_lie_between_two_real_ones_of_their_class(records):
    embeddings, labels = smote().with_synthetic(*records)
    made = [(point, label) for point, label in zip(embeddings[49:], labels[49:], strict=True) if label != 3]
    assert len(made) == 32
    for point, label in made:
        own = records[0][records[1] == label]
        assert any(is_between(point, *pair) for pair in itertools.combinations(own, 2))
        assert not any(np.array_equal(point, one) for one in own)


def test_a_single_example_is_copied(records):
    embeddings, labels = smote().with_synthetic(*records)
    copies = embeddings[49:][labels[49:] == 3]
    np.testing.assert_array_equal(copies, np.repeat(records[0][records[1] == 3], 19, axis=0))


def test_with_one_neighbour_a_record_is_drawn_towards_its_nearest(records):
    on_a_line = np.array([[0.0], [1], [10], [12], [50], [60]], np.float32)
    points, _ = smote((0, 50), neighbours=1).with_synthetic(on_a_line, np.array([0, 0, 1, 1, 1, 1]))
    made = points[6:, 0]
    assert (((made >= 10) & (made <= 12)) | ((made >= 50) & (made <= 60))).all()


def test_the_seed_decides(records):
    first, again, other = (smote(seed=seed).with_synthetic(*records)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_with_nothing_to_make_nothing_changes(records):
    embeddings, labels = smote((0, 0, 0, 0)).with_synthetic(*records)
    np.testing.assert_array_equal(embeddings, records[0])
    np.testing.assert_array_equal(labels, records[1])


def test_maps_are_refused_with_the_way_out(records):
    maps = np.zeros((49, 2, 2, 3), np.float32)
    with pytest.raises(ValueError, match=r"maps of shape \(2, 2, 3\).*model.pooling to mean"):
        smote().with_synthetic(maps, records[1])
