from collections import Counter

import pytest
import tensorflow as tf

from components.examples_io import shard_path, write_shard
from components.serving_validator.selection import choose_records


def record(name: str, number: int) -> bytes:
    def text(value: str):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))

    features = {"kind": text(name), "record_key": text(f"{name} {number}")}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString(
        deterministic=True
    )


def kind(example: bytes) -> str:
    return tf.train.Example.FromString(example).features.feature["kind"].bytes_list.value[0].decode()


RECORDS = [record(name, number) for name, size in (("a", 40), ("b", 300), ("c", 3)) for number in range(size)]


@pytest.fixture
def split(tmp_path):
    def write(records, num_shards=3):
        folder = tmp_path / f"split-{num_shards}-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for shard in range(num_shards):
            write_shard(shard_path(str(folder), shard, num_shards), records[shard::num_shards])
        return str(folder)

    return write


def test_every_class_has_its_turn_until_it_has_no_more(split):
    chosen = choose_records(split(RECORDS), "kind", 21)
    assert Counter(map(kind, chosen)) == {"a": 9, "b": 9, "c": 3}
    assert [kind(one) for one in chosen[:6]] == ["a", "b", "c", "a", "b", "c"]
    assert len(set(chosen)) == 21


def test_the_order_of_the_records_changes_nothing(split):
    assert choose_records(split(RECORDS), "kind", 20) == choose_records(split(RECORDS[::-1], 5), "kind", 20)


def test_no_more_than_there_are(split):
    assert sorted(choose_records(split(RECORDS), "kind", 4000)) == sorted(RECORDS)
    assert choose_records(split([]), "kind", 5) == []
