"""A model whose last digits depend on how many records it is asked at a time, and records for it."""

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.examples_io import shard_path, write_shard

CLASSES = ["good", "größerer Riss"]


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        random = np.random.default_rng(0)
        self.weights = tf.Variable(random.normal(size=(3, 33)).astype(np.float32))
        self.head = tf.Variable(random.normal(size=(33, 2)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serving_default(self, examples):
        parsed = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([3], tf.float32)})
        probabilities = tf.nn.softmax(tf.tanh(parsed["x"] @ self.weights) @ self.head)
        decision = tf.argmax(probabilities, axis=1)
        names = tf.constant(CLASSES)
        return {
            "probabilities": probabilities,
            "decision": tf.gather(names, decision),
            "decision_index": decision,
            "score": tf.reduce_max(probabilities, axis=1),
            "classes": tf.tile(names[tf.newaxis], [tf.shape(examples)[0], 1]),
        }


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> standard_artifacts.Model:
    artifact = standard_artifacts.Model()
    artifact.uri = str(tmp_path_factory.mktemp("model"))
    made = Model()
    tf.saved_model.save(made, f"{artifact.uri}/Format-Serving", {"serving_default": made.serving_default})
    return artifact


@pytest.fixture(scope="session")
def shards() -> list[list[bytes]]:
    """Serialised examples, with keys of the shard and the row in it, shard by shard."""
    random = np.random.default_rng(1)

    def example(key: str) -> bytes:
        made = tf.train.Example()
        made.features.feature["x"].float_list.value.extend(random.normal(size=3))
        made.features.feature["record_key"].bytes_list.value.append(key.encode())
        return made.SerializeToString()

    return [[example(f"{shard}, {row}") for row in range(size)] for shard, size in enumerate((150, 0, 1, 70))]


@pytest.fixture(scope="session")
def examples(shards, tmp_path_factory) -> standard_artifacts.Examples:
    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path_factory.mktemp("examples"))
    artifact.split_names = artifact_utils.encode_split_names(["unlabelled"])
    folder = artifact_utils.get_split_uri([artifact], "unlabelled")
    tf.io.gfile.makedirs(folder)
    for number, records in enumerate(shards):
        write_shard(shard_path(folder, number, len(shards)), records)
    return artifact
