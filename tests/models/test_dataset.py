import numpy as np
import pytest
import tensorflow as tf

from models import dataset
from models.dataset import ExampleFiles
from models.features import CATEGORICAL, IMAGE, LABEL, MISSING, NUMERIC
from models.images import decode_image

LABEL_SPEC = {LABEL: tf.io.FixedLenFeature([], tf.int64)}
TABLE_SPEC = {
    **LABEL_SPEC,
    NUMERIC: tf.io.FixedLenFeature([2], tf.float32),
    MISSING: tf.io.FixedLenFeature([2], tf.float32),
    CATEGORICAL: tf.io.FixedLenFeature([1], tf.int64),
}
IMAGE_SPEC = {**LABEL_SPEC, IMAGE: tf.io.FixedLenFeature([], tf.string)}
SIZE = 23
# The middle shard is empty, and the first holds one class alone.
SHARDS = (range(8), range(0), range(8, 11), range(11, SIZE))
CLASS_OF = [0] * 8 + [1, 2, 1] + [0, 1] * 6


def record(number: int, encoded) -> dict:
    pixels = np.full((9, 8, 3), number * 10, np.uint8)
    pixels[number % 9] = 255
    return {
        LABEL: CLASS_OF[number],
        NUMERIC: [float(number), -1.0],
        MISSING: [0.0, 1.0],
        CATEGORICAL: [number % 5],
        IMAGE: encoded(pixels) if number else b"",
    }


@pytest.fixture
def files(tmp_path, example, write_records, encoded):
    """Returns the files of the records 0 to 22, read as a table, as images, or both."""

    def make(spec: dict) -> ExampleFiles:
        paths = []
        for shard, numbers in enumerate(SHARDS):
            paths.append(str(tmp_path / f"shard-{shard}.gz"))
            write_records(paths[-1], [example(record(number, encoded)) for number in numbers])
        return ExampleFiles(paths, spec, (6, 5), 3)

    return make


SPECS = {"table": TABLE_SPEC, "image": IMAGE_SPEC, "both": {**TABLE_SPEC, **IMAGE_SPEC}}


def numbers(batches: tf.data.Dataset) -> list[int]:
    """Which records the batches hold, in order."""
    return [int(number) for inputs, _ in batches for number in inputs["numeric"][:, 0]]


@pytest.mark.parametrize("kind", ["table", "both"])
def test_without_a_seed_the_order_is_that_of_the_files(files, kind):
    batches = files(SPECS[kind]).batches(4, SIZE)
    assert numbers(batches) == list(range(SIZE))
    assert numbers(batches) == list(range(SIZE))


@pytest.mark.parametrize("kind", ["table", "both"])
@pytest.mark.parametrize("seed", [0, 5])
def test_every_epoch_holds_every_record_once_in_another_order(files, kind, seed):
    batches = files(SPECS[kind]).batches(4, SIZE, shuffle_seed=seed)
    epochs = [tuple(numbers(batches)) for _ in range(4)]
    assert all(sorted(epoch) == list(range(SIZE)) for epoch in epochs)
    assert len({*epochs, tuple(range(SIZE))}) == 5


@pytest.mark.parametrize("kind", ["table", "both"])
def test_the_seed_decides_the_order_of_every_epoch(files, kind):
    def epochs(seed: int) -> list[list[int]]:
        batches = files(SPECS[kind]).batches(4, SIZE, shuffle_seed=seed)
        return [numbers(batches) for _ in range(3)]

    assert epochs(5) == epochs(5)
    assert epochs(5) != epochs(6)


def test_shuffling_keeps_each_record_together(files):
    for inputs, labels in files(SPECS["both"]).batches(4, SIZE, shuffle_seed=1):
        for i, number in enumerate(inputs["numeric"][:, 0].numpy().astype(int)):
            assert labels[i] == CLASS_OF[number]
            assert inputs["categorical"][i, 0] == number % 5
            expected = number * 10 if number else 0
            assert np.median(inputs["image"][i]) == expected


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("seed", [None, 3])
def test_batches_are_what_the_network_takes(files, kind, seed):
    batches = list(files(SPECS[kind]).batches(10, SIZE, shuffle_seed=seed))
    assert [len(labels) for _, labels in batches] == [10, 10, 3]
    table = {"numeric": ((2,), "float32"), "missing": ((2,), "float32"), "categorical": ((1,), "int64")}
    image = {"image": ((6, 5, 3), "float32")}
    expected = {"table": table, "image": image, "both": {**table, **image}}[kind]
    for inputs, labels in batches:
        assert labels.dtype == tf.int64 and labels.shape.rank == 1
        described = {name: (tuple(x.shape[1:]), x.dtype.name) for name, x in inputs.items()}
        assert described == expected
        assert all(len(values) == len(labels) for values in inputs.values())


def test_pixels_are_those_of_the_one_decoder(files, encoded):
    [(inputs, _)] = files(IMAGE_SPEC).batches(SIZE, SIZE)
    expected = [decode_image(tf.constant(record(i, encoded)[IMAGE]), (6, 5), 3).numpy() for i in range(SIZE)]
    np.testing.assert_array_equal(inputs["image"], expected)
    assert not inputs["image"][0].numpy().any()


def test_grey_images_have_one_channel(files):
    coloured = files(IMAGE_SPEC)
    grey = ExampleFiles(coloured.paths, coloured.feature_spec, coloured.image_size, channels=1)
    assert next(iter(grey.batches(SIZE, SIZE)))[0]["image"].shape == (SIZE, 6, 5, 1)


@pytest.mark.parametrize("seed", [None, 3])
def test_images_kept_in_memory_are_the_same_as_images_decoded_again(files, monkeypatch, seed):
    def two_epochs() -> list[np.ndarray]:
        batches = files(SPECS["both"]).batches(4, SIZE, shuffle_seed=seed)
        return [inputs["image"].numpy() for _ in range(2) for inputs, _ in batches]

    kept = two_epochs()
    monkeypatch.setattr(dataset, "_CACHED_BYTES", 0)
    for mine, other in zip(kept, two_epochs(), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(
    ("kind", "limit", "kept"), [("image", 90 * SIZE, True), ("image", 90 * SIZE - 1, False)]
)
def test_images_are_kept_as_bytes_up_to_the_limit(files, monkeypatch, kind, limit, kept):
    # An image of 6 x 5 pixels in three colours takes 90 bytes.
    monkeypatch.setattr(dataset, "_CACHED_BYTES", limit)
    split = files(SPECS[kind])
    batches = split.batches(4, SIZE)
    first = [inputs["image"].numpy() for inputs, _ in batches]
    for path in split.paths:
        tf.io.gfile.remove(path)
    if kept:
        np.testing.assert_array_equal(
            np.concatenate(first), np.concatenate([inputs["image"] for inputs, _ in batches])
        )
    else:
        with pytest.raises(tf.errors.NotFoundError):
            list(batches)


def test_shuffling_draws_from_all_files_at_once(tmp_path, example, write_records, monkeypatch):
    # A class in a file of its own, as a data set sorted by class gives, and a short buffer.
    monkeypatch.setattr(dataset, "_SHUFFLED_RECORDS", 10)
    paths = [str(tmp_path / f"class-{kind}.gz") for kind in range(2)]
    for kind, path in enumerate(paths):
        write_records(path, [example({LABEL: kind, "x": i}) for i in range(100)])
    batches = ExampleFiles(paths, LABEL_SPEC, (8, 8), 3).batches(50, 200, shuffle_seed=0)
    shares = [float(np.mean(labels)) for _, labels in batches]
    assert len(shares) == 4
    assert all(0.3 < share < 0.7 for share in shares)


def test_classes_are_counted_over_all_files(files):
    counts = files(TABLE_SPEC).class_counts(4)
    assert counts.dtype == np.int64
    assert counts.tolist() == [CLASS_OF.count(0), CLASS_OF.count(1), CLASS_OF.count(2), 0]


def test_an_empty_split_has_no_records_and_no_batches(files):
    split = files(TABLE_SPEC)
    empty = ExampleFiles([split.paths[1]], split.feature_spec, split.image_size, split.channels)
    assert empty.class_counts(3).tolist() == [0, 0, 0]
    assert list(empty.batches(4, 0)) == []
