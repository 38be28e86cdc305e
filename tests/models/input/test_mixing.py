import numpy as np
import pytest
import tensorflow as tf

from core.augmentation.settings import AugmentationSettings
from models.input.mixing import Mixing, mix_batch
from models.input.mixings.remix import remixed

COUNTS = (1000, 100, 10)
SIZE = 400
LABELS = np.arange(SIZE) % 3


def records() -> dict[str, tf.Tensor]:
    """Records that carry their number in every input; the numbers of two add up to tell them apart."""
    numbers = np.arange(SIZE, dtype=np.float32)
    return {
        "image": tf.constant(np.tile(numbers[:, None, None, None], (1, 10, 12, 2))),
        "numeric": tf.constant(np.stack([numbers, np.ones(SIZE)], axis=1).astype(np.float32)),
        "missing": tf.constant(np.stack([numbers % 2, numbers * 0], axis=1)),
        "categorical": tf.constant(np.arange(SIZE)[:, None]),
    }


def mixed(mixing: Mixing, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    inputs, labels = mix_batch(
        records(), tf.constant(LABELS), mixing, COUNTS, tf.constant([seed, 1], tf.int64)
    )
    return {name: value.numpy() for name, value in inputs.items()}, labels.numpy()


@pytest.mark.parametrize("kind", ["mixup", "cutmix", "remix"])
def test_labels_are_two_classes_and_the_share_of_the_dominant_one(kind):
    inputs, labels = mixed(Mixing(kind))
    assert labels.shape == (SIZE, 3) and labels.dtype == np.float32
    assert set(labels[:, :2].ravel()) <= {0, 1, 2}
    assert (labels[:, 2] >= 0.5).all() and (labels[:, 2] <= 1).all()
    described = {name: (value.shape, value.dtype) for name, value in inputs.items()}
    assert described == {name: (tuple(v.shape), v.dtype.as_numpy_dtype) for name, v in records().items()}


def test_mixup_is_on_the_line_between_two_records_at_the_share_of_the_label():
    inputs, labels = mixed(Mixing("mixup"))
    number = inputs["numeric"][:, 0]
    dominant = inputs["categorical"][:, 0]
    # number = share * dominant + (1 - share) * other
    other = (number - labels[:, 2] * dominant) / (1 - labels[:, 2])
    clear = labels[:, 2] < 0.98
    np.testing.assert_allclose(other[clear], np.rint(other[clear]), atol=0.05)
    np.testing.assert_array_equal(LABELS[dominant], labels[:, 0])
    np.testing.assert_array_equal(LABELS[np.rint(other[clear]).astype(int)], labels[clear, 1])
    np.testing.assert_allclose(inputs["image"][:, 3, 5, 1], number, rtol=1e-4)
    np.testing.assert_allclose(inputs["numeric"][:, 1], 1, rtol=1e-5)


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 4.0])
def test_shares_follow_the_beta_distribution(alpha):
    labels = np.concatenate([mixed(Mixing("mixup", alpha=alpha), seed)[1] for seed in range(10)])
    # Folding at one half keeps the squared distance from it: the variance of Beta(alpha, alpha).
    variance = np.mean((labels[:, 2] - 0.5) ** 2)
    assert variance == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.08)


def test_a_tiny_alpha_gives_whole_records_and_no_nan():
    inputs, labels = mixed(Mixing("mixup", alpha=1e-3))
    assert np.isfinite(inputs["numeric"]).all() and np.isfinite(labels).all()
    assert np.mean(labels[:, 2] > 0.99) > 0.95


def test_cutmix_pastes_one_box_and_its_label_share_is_that_of_the_pixels():
    inputs, labels = mixed(Mixing("cutmix"))
    sides = []
    for number, image in enumerate(inputs["image"]):
        kept = image[:, :, 0] == number
        others = np.unique(image[:, :, 0][~kept])
        assert len(others) <= 1
        share = kept.mean()
        if len(others):
            rows, columns = np.nonzero(~kept)
            assert (~kept[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]).all()
            shares = {LABELS[number]: share, **({LABELS[int(others[0])]: 1 - share})}
            if LABELS[number] != LABELS[int(others[0])]:
                assert labels[number, 2] == pytest.approx(max(share, 1 - share), abs=1e-6)
                assert shares[labels[number, 0]] == pytest.approx(labels[number, 2], abs=1e-6)
            sides.append((np.ptp(rows) + 1) / 10 - (np.ptp(columns) + 1) / 12)
    assert len(sides) > SIZE / 2
    assert abs(np.mean(sides)) < 0.05


def test_cutmix_takes_categories_of_the_record_with_more_pixels_and_blends_numbers_by_them():
    inputs, labels = mixed(Mixing("cutmix"))
    dominant = inputs["categorical"][:, 0]
    np.testing.assert_array_equal(LABELS[dominant], labels[:, 0])
    np.testing.assert_allclose(
        inputs["image"][..., 0].mean(axis=(1, 2)), inputs["numeric"][:, 0], rtol=1e-3, atol=1e-2
    )


def test_remix_gives_a_much_rarer_class_the_whole_label():
    mixing = Mixing("remix", kappa=3.0, tau=0.5)
    share = tf.constant([0.4, 0.6, 0.6, 0.4, 0.4, 0.4, 0.6])
    count = tf.constant([30.0, 30.0, 10.0, 10.0, 20.0, 10.0, 10.0])
    other = tf.constant([10.0, 10.0, 30.0, 30.0, 10.0, 10.0, 20.0])
    # Rare enough and at more than one half; the four in the middle are not both; like counts mix.
    expected = [0.0, 0.6, 1.0, 0.4, 0.4, 0.4, 0.6]
    np.testing.assert_allclose(remixed(share, count, other, mixing), expected, rtol=1e-6)


def test_with_tau_of_one_every_blend_with_a_much_rarer_class_is_of_that_class():
    _, labels = mixed(Mixing("remix", tau=1.0))
    unlike = labels[:, 0] != labels[:, 1]
    assert unlike.any()
    assert (labels[unlike, 0] > labels[unlike, 1]).all() and (labels[unlike, 2] == 1).all()


def test_remix_changes_labels_alone():
    (remix, remix_labels), (mixup, mixup_labels) = mixed(Mixing("remix")), mixed(Mixing("mixup"))
    np.testing.assert_array_equal(remix["image"], mixup["image"])
    assert (remix_labels != mixup_labels).any()


@pytest.mark.parametrize("kind", ["mixup", "cutmix", "remix"])
def test_the_seed_decides(kind):
    first, again, other = (mixed(Mixing(kind), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first[0]["image"], again[0]["image"])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0]["image"] != other[0]["image"]).any()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"image": "none", "tabular": "smote", "preset": "medium"}, None),
        ({"image": "augment"}, None),
        ({"image": "mixup"}, Mixing("mixup")),
        ({"image": "mixup", "alpha": 0.2}, Mixing("mixup", alpha=0.2)),
        ({"image": "remix", "tabular": "none"}, Mixing("remix")),
        ({"image": "cutmix", "crop_flip": True}, Mixing("cutmix", crop=True, flip=True)),
        ({"crop_flip": True}, Mixing(crop=True, flip=True)),
        ({"crop_flip": True, "preset": "text"}, Mixing(crop=True)),
        ({"turn_zoom": True}, Mixing(turn=True)),
        (
            {"turn_zoom": True, "strength": 0.3, "image": "mixup"},
            Mixing("mixup", turn=True, turn_strength=0.3),
        ),
        ({"turn_zoom": True, "strength": False}, Mixing(turn=True, turn_strength=1.0)),
    ],
)
def test_an_experiment_names_what_is_done_to_batches(settings, expected):
    assert Mixing.from_settings(AugmentationSettings(**settings)) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "mix"}, "Received: kind='mix'"),
        ({"alpha": 0.0}, "alpha=0.0"),
        ({"alpha": float("nan")}, "alpha=nan"),
        ({"kappa": 0.5}, "kappa=0.5"),
        ({"tau": 1.5}, "tau=1.5"),
    ],
)
def test_values_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Mixing(**values)
