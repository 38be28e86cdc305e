"""Pseudo-random numbers decided by seed and record."""

import numpy as np

from components.stratified_example_gen.order import order_of_digests, order_of_text


def random_digests(count):
    return np.random.default_rng(0).integers(0, 2**64, (count, 2), np.uint64)


def test_text_and_seed_both_decide():
    assert order_of_text("a.png", 0) == order_of_text("a.png", 0)
    assert len({order_of_text(text, seed) for text in ("a.png", "b.png") for seed in (0, 1, -1)}) == 6


def test_order_of_text_spans_64_bits():
    orders = [order_of_text(str(number), 3) for number in range(1000)]
    assert 0 <= min(orders) < 2**56 and 2**64 - 2**56 < max(orders) < 2**64


def test_order_of_a_digest_does_not_depend_on_its_neighbours():
    digests = random_digests(100)
    together = order_of_digests(digests, 7)
    assert together.dtype == np.uint64 and len(set(together.tolist())) == 100
    alone = [int(order_of_digests(digests[row : row + 1], 7)[0]) for row in range(100)]
    assert together.tolist() == alone


def test_each_half_of_a_digest_counts():
    digests = np.array([[1, 1], [1, 2], [2, 1], [1, 1]], np.uint64)
    first, second, third, fourth = order_of_digests(digests, 0).tolist()
    assert first == fourth and len({first, second, third}) == 3


def test_orders_of_two_seeds_have_nothing_in_common():
    digests = random_digests(2000)
    ranks = [np.argsort(np.argsort(order_of_digests(digests, seed))) for seed in (0, 1)]
    assert abs(np.corrcoef(*ranks)[0, 1]) < 0.1


def test_any_integer_is_a_seed():
    digests = random_digests(3)
    seeds = (0, -1, 2**31, 2**63)
    assert len({tuple(order_of_digests(digests, seed).tolist()) for seed in seeds}) == 4


def test_order_matches_the_published_finaliser():
    def finalise(number):
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
        return number ^ number >> 31

    salt = order_of_text("order of digests", 5)
    digests = random_digests(20)
    expected = [
        finalise(first ^ second * 0x9E3779B97F4A7C15 % 2**64 ^ salt) for first, second in digests.tolist()
    ]
    assert order_of_digests(digests, 5).tolist() == expected
