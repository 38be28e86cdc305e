import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as tf_config

from core.features import CATEGORICAL, IMAGE, KEY, LABEL, MISSING, NUMERIC
from models.input import dataset
from models.input.dataset import ExampleFiles
from models.input.mixing import Mixing
from models.network.branches.member_loss import MemberLoss
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.metrics import make_metrics
from models.preprocessing.images import decode_image

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
COUNTS = np.bincount(CLASS_OF)


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


@pytest.fixture(params=["in memory", "streamed"])
def place(request, monkeypatch) -> str:
    """Where training records are between epochs."""
    if request.param == "streamed":
        monkeypatch.setattr(dataset, "_CACHED_BYTES", 0)
    return request.param


@pytest.mark.parametrize("kind", ["table", "both"])
def test_every_epoch_holds_every_record_once_in_another_order(files, place, kind):
    batches = files(SPECS[kind]).training_batches(4, COUNTS, 5)
    epochs = [tuple(numbers(batches)) for _ in range(4)]
    assert all(sorted(epoch) == list(range(SIZE)) for epoch in epochs)
    assert len({*epochs, tuple(range(SIZE))}) == 5


@pytest.mark.parametrize("sampling", ["natural", "class_balanced"])
def test_the_seed_decides_the_draws_of_every_epoch(files, place, sampling):
    def epochs(seed: int) -> list[list[int]]:
        batches = files(TABLE_SPEC).training_batches(4, COUNTS, seed, sampling=sampling)
        return [numbers(batches) for _ in range(3)]

    assert epochs(5) == epochs(5)
    assert epochs(5) != epochs(6)


@pytest.mark.parametrize("kind", ["table", "both"])
def test_classes_are_drawn_as_the_sampling_says_with_the_epoch_that_is_set(files, place, kind):
    epoch = tf.Variable(0, dtype=tf.int64)
    batches = files(SPECS[kind]).training_batches(4, COUNTS, 0, sampling="progressive", epochs=3, epoch=epoch)
    for number, shares in ((2, np.full(3, 1 / 3)), (0, COUNTS / SIZE), (1, (1 / 3 + COUNTS / SIZE) / 2)):
        epoch.assign(number)
        drawn = np.concatenate([labels for _, labels in batches])
        assert len(drawn) == SIZE
        assert (np.abs(np.bincount(drawn) - shares * SIZE) < 1).all()


def test_the_number_of_batches_is_known(files, place):
    batches = files(TABLE_SPEC).training_batches(4, COUNTS, 0, sampling="sqrt")
    assert len(batches) == 6 == len(list(batches))


def test_an_epoch_read_while_the_variable_changes_stays_the_epoch_it_was(files):
    epoch = tf.Variable(0, dtype=tf.int64)
    split = files(TABLE_SPEC)
    expected = numbers(split.training_batches(4, COUNTS, 0, epoch=tf.Variable(0, dtype=tf.int64)))
    iterator = iter(split.training_batches(4, COUNTS, 0, epoch=epoch))
    first = next(iterator)
    epoch.assign(1)
    assert numbers([first, *iterator]) == expected


@pytest.mark.parametrize("kind", ["table", "both"])
def test_pairs_are_of_a_natural_and_a_reversed_draw(files, place, kind):
    epoch = tf.Variable(0, dtype=tf.int64)
    batches = files(SPECS[kind]).training_batches(4, COUNTS, 0, epochs=4, epoch=epoch, paired=True)
    for number in (0, 3):
        epoch.assign(number)
        epoch_batches = list(batches)
        labels = np.concatenate([labels for _, labels in epoch_batches])
        np.testing.assert_array_equal(labels[:, 2], np.float32(1 - (number / 4) ** 2))
        np.testing.assert_array_equal(np.bincount(labels[:, 0].astype(int)), COUNTS)
        reversed_shares = (1 / COUNTS) / (1 / COUNTS).sum()
        drawn = np.bincount(labels[:, 1].astype(int), minlength=3)
        assert (np.abs(drawn - reversed_shares * SIZE) < 1).all()
        for inputs, of_batch in epoch_batches:
            names = {name for name in inputs if not name.endswith("_reversed")}
            assert {*names, *(f"{name}_reversed" for name in names)} == set(inputs)
            for side, name in enumerate(("numeric", "numeric_reversed")):
                classes = [CLASS_OF[int(number)] for number in inputs[name][:, 0]]
                np.testing.assert_array_equal(classes, of_batch[:, side])


def test_mixed_batches_have_two_labels_and_shares_and_differ_by_epoch(files, place):
    mixing = Mixing("cutmix", crop=True, flip=True)
    batches = files(SPECS["both"]).training_batches(4, COUNTS, 0, mixing=mixing)
    epochs = [np.concatenate([labels for _, labels in batches]) for _ in range(2)]
    assert epochs[0].shape == epochs[1].shape == (SIZE, 3)
    assert set(epochs[0][:, 2]) != set(epochs[1][:, 2])
    again = files(SPECS["both"]).training_batches(4, COUNTS, 0, mixing=mixing)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in again]), epochs[0])


@pytest.mark.parametrize("mixing", [Mixing(crop=True, flip=True), Mixing(turn=True)])
def test_what_moves_images_leaves_labels_and_columns_alone(files, place, mixing):
    plain, moved = (
        list(files(SPECS["both"]).training_batches(SIZE, COUNTS, 0, mixing=each)) for each in (None, mixing)
    )
    [(inputs, labels)], [(moved_inputs, moved_labels)] = plain, moved
    np.testing.assert_array_equal(labels, moved_labels)
    np.testing.assert_array_equal(inputs["numeric"], moved_inputs["numeric"])
    assert moved_inputs["image"].dtype == tf.float32
    assert (inputs["image"] != moved_inputs["image"]).numpy().any()


def test_a_model_trains_on_them_where_every_operation_must_be_deterministic(files, place):
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(0)
    try:
        image, numeric = keras.Input((6, 5, 3), name="image"), keras.Input((2,), name="numeric")
        features = keras.layers.Concatenate()([keras.layers.Flatten()(image), numeric])
        model = keras.Model({"image": image, "numeric": numeric}, keras.layers.Dense(3)(features))
        model.compile("sgd", MemberLoss(WeightedCrossEntropy()), metrics=make_metrics(3, SIZE))
        split = files({name: spec for name, spec in SPECS["both"].items() if name in (LABEL, IMAGE, NUMERIC)})
        batches = split.training_batches(
            4, COUNTS, 0, sampling="sqrt", mixing=Mixing("cutmix", crop=True, flip=True, turn=True)
        )
        fitted = model.fit(batches, validation_data=split.batches(10, SIZE), epochs=2, verbose=0)
        assert len(fitted.history["loss"]) == 2
        assert np.isfinite(fitted.history["val_macro_average_precision"]).all()
    finally:
        tf_config.disable_op_determinism()


def test_counts_that_are_not_those_of_the_files_are_refused(files, monkeypatch):
    with pytest.raises(
        ValueError, match=r"counts of the labels, \[14, 8, 1\]. Received: class_counts=\[14, 7, 2\]"
    ):
        files(TABLE_SPEC).training_batches(4, [14, 7, 2], 0)
    monkeypatch.setattr(dataset, "_CACHED_BYTES", 0)
    with pytest.raises(tf.errors.FailedPreconditionError):
        list(files(TABLE_SPEC).training_batches(4, [14, 8, 9], 0))


def test_records_in_memory_are_read_from_disk_once(files):
    split = files(SPECS["both"])
    expected = numbers(split.training_batches(4, COUNTS, 0))
    for path in split.paths:
        tf.io.gfile.remove(path)
    assert numbers(split.training_batches(4, COUNTS, 0)) == expected


def test_shuffling_keeps_each_record_together(files, place):
    for inputs, labels in files(SPECS["both"]).training_batches(4, COUNTS, 1):
        for i, number in enumerate(inputs["numeric"][:, 0].numpy().astype(int)):
            assert labels[i] == CLASS_OF[number]
            assert inputs["categorical"][i, 0] == number % 5
            expected = number * 10 if number else 0
            assert np.median(inputs["image"][i]) == expected


@pytest.mark.parametrize("sampling", ["natural", "class_balanced"])
def test_which_worker_wrote_a_record_plays_no_part_where_records_have_keys(
    tmp_path, example, write_records, encoded, sampling
):
    spec = {**TABLE_SPEC, KEY: tf.io.FixedLenFeature([], tf.string)}
    records = [example({**record(number, encoded), KEY: f"row {number}"}) for number in range(SIZE)]
    drawn = []
    for way, shards in enumerate([[records], [records[5:], records[:5]], [records[::2], records[1::2]]]):
        paths = [str(tmp_path / f"{way}-{number}.gz") for number in range(len(shards))]
        for path, shard in zip(paths, shards, strict=True):
            write_records(path, shard)
        batches = ExampleFiles(paths, spec, (6, 5), 3).training_batches(4, COUNTS, seed=3, sampling=sampling)
        drawn.append([numbers(batches), [int(label) for _, labels in batches for label in labels]])
    assert drawn[0] == drawn[1] == drawn[2]
    assert drawn[0][0] != sorted(drawn[0][0])


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("training", [False, True])
def test_batches_are_what_the_network_takes(files, place, kind, training):
    split = files(SPECS[kind])
    batches = list(split.training_batches(10, COUNTS, 3) if training else split.batches(10, SIZE))
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


def test_images_kept_in_memory_are_the_same_as_images_decoded_again(files, monkeypatch):
    def two_epochs() -> list[np.ndarray]:
        batches = files(SPECS["both"]).batches(4, SIZE)
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


def test_shuffling_a_stream_draws_from_all_files_at_once(tmp_path, example, write_records, monkeypatch):
    # A class in a file of its own, as a data set sorted by class gives, and a short buffer.
    monkeypatch.setattr(dataset, "_SHUFFLED_RECORDS", 10)
    monkeypatch.setattr(dataset, "_CACHED_BYTES", 0)
    paths = [str(tmp_path / f"class-{kind}.gz") for kind in range(2)]
    for kind, path in enumerate(paths):
        write_records(path, [example({LABEL: kind, "x": float(i), NUMERIC: [0.0, 0.0]}) for i in range(100)])
    spec = {name: TABLE_SPEC[name] for name in (LABEL, NUMERIC)}
    batches = ExampleFiles(paths, spec, (8, 8), 3).training_batches(50, (100, 100), 0)
    shares = [float(np.mean(labels)) for _, labels in batches]
    assert len(shares) == 4
    assert all(0.3 < share < 0.7 for share in shares)


def test_the_copies_of_a_record_in_a_stream_are_parted(tmp_path, example, write_records, monkeypatch):
    monkeypatch.setattr(dataset, "_CACHED_BYTES", 0)
    labels = [1 if i == 250 else 0 for i in range(500)]
    path = str(tmp_path / "one-rare.gz")
    write_records(path, [example({LABEL: label, NUMERIC: [float(i), 0.0]}) for i, label in enumerate(labels)])
    spec = {name: TABLE_SPEC[name] for name in (LABEL, NUMERIC)}
    batches = ExampleFiles([path], spec, (8, 8), 3).training_batches(
        50, (499, 1), 0, sampling="class_balanced"
    )
    shares = [float(np.mean(labels)) for _, labels in batches]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.002)
    assert all(0.2 < share < 0.8 for share in shares)


def test_classes_are_counted_over_all_files(files):
    counts = files(TABLE_SPEC).class_counts(4)
    assert counts.dtype == np.int64
    assert counts.tolist() == [CLASS_OF.count(0), CLASS_OF.count(1), CLASS_OF.count(2), 0]


def test_an_empty_split_has_no_records_and_no_batches(files):
    split = files(TABLE_SPEC)
    empty = ExampleFiles([split.paths[1]], split.feature_spec, split.image_size, split.channels)
    assert empty.class_counts(3).tolist() == [0, 0, 0]
    assert list(empty.batches(4, 0)) == []
