import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.preprocessing.value_sample import ValueSample

# Few different digests and values, so that ties are many.
PAIRS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([-7.5, -0.0, 0.0, 1.0, 2.0**53 - 1, 1e300])), max_size=60
)


def sample_of(pairs: list[tuple[int, float]], most: int) -> ValueSample:
    sample = ValueSample(most)
    sample.add(np.array([value for _, value in pairs]), np.array([digest for digest, _ in pairs], np.int64))
    return sample


@given(PAIRS, st.integers(1, 20), st.data())
def test_the_same_values_are_kept_whatever_their_order_and_pieces(pairs, most, data):
    whole = sample_of(pairs, most)
    shuffled = data.draw(st.permutations(pairs))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(pairs)), max_size=5)))
    pieces = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(pairs)], strict=True)]
    # Some pieces come one after the other to one worker, the others to workers of their own.
    joined = ValueSample(most)
    for piece in pieces[::2]:
        joined.add(np.array([v for _, v in piece]), np.array([d for d, _ in piece], np.int64))
        if data.draw(st.booleans()):
            joined.compact()
    others = [sample_of(piece, most) for piece in pieces[1::2]]
    joined.merge(pickle.loads(pickle.dumps(one)) for one in others)
    assert joined.sorted_values().tobytes() == whole.sorted_values().tobytes()


@given(PAIRS, st.integers(1, 20))
def test_few_values_are_kept_all_and_many_by_the_smallest_digests(pairs, most):
    kept = sample_of(pairs, most).sorted_values()
    smallest = sorted(pairs)[:most]
    assert len(kept) == len(smallest)
    if len(kept) > 2:
        assert kept[1:-1].tolist() == sorted(value for _, value in smallest)[1:-1]
    if len(pairs) > 1 < most:
        assert (kept[0], kept[-1]) == (min(v for _, v in pairs), max(v for _, v in pairs))


def test_memory_is_bounded_and_the_sample_stands_for_all():
    random, sample = np.random.default_rng(0), ValueSample(4096)
    for _ in range(100):
        values = random.normal(size=1000)
        sample.add(values, random.integers(0, 2**63 - 1, 1000))
        assert sum(map(len, sample._values)) <= 3 * 4096
    kept = sample.sorted_values()
    assert len(kept) == 4096
    # Half a share's standard error is 1/128.
    assert abs(np.mean(kept < 0) - 0.5) < 4 / 128
