import numpy as np
import pytest

from components.contenders.sampling import digests, highest_kept

KEYS = [f"row {number}".encode() for number in range(5000)]


def test_a_record_has_the_same_digest_wherever_it_stands():
    order = np.random.default_rng(0).permutation(len(KEYS))
    np.testing.assert_array_equal(digests(KEYS, 3)[order], digests([KEYS[place] for place in order], 3))
    assert len(np.unique(digests(KEYS, 3))) == len(KEYS)
    assert (digests(KEYS, 3) != digests(KEYS, 4)).all()


@pytest.mark.parametrize("most", [1000, 2500])
def test_every_class_is_thinned_by_the_same_share_to_its_smallest_digests(most):
    numbers = digests(KEYS, 0)
    of_class = {0: numbers[:4000], 1: numbers[4000:4995], 2: numbers[4995:]}
    highest = highest_kept(of_class, most)
    kept = {index: int((own <= highest[index]).sum()) for index, own in of_class.items()}
    # Ten of the 5 records of the third class would be more than there are.
    assert kept == {0: 4000 * most // 5000, 1: 995 * most // 5000, 2: 5}
    assert highest[0] == np.sort(of_class[0])[kept[0] - 1]


def test_a_class_keeps_ten_records_however_small_its_share():
    numbers = digests(KEYS, 0)
    of_class = {0: numbers[:4900], 1: numbers[4900:]}
    highest = highest_kept(of_class, 200)
    assert (of_class[1] <= highest[1]).sum() == 10


def test_few_records_are_all_kept():
    numbers = digests(KEYS[:50], 0)
    assert (numbers <= highest_kept({0: numbers}, 50)[0]).all()
