import numpy as np
import pytest
from scipy.special import softmax

from models.network.branches.class_groups import JoinGroups

GROUPS = [[0, 2], [1], [3]]
# Logits of classes 0 to 3, then of the `others` of each group.
LOGITS = np.log(np.array([[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]], np.float32))


def test_a_class_has_the_probability_of_its_own_group_divided_by_the_sum():
    own = np.array([2 / 12, 3 / 10, 4 / 12, 5 / 13])
    np.testing.assert_allclose(np.exp(JoinGroups(GROUPS)(LOGITS)), [own / own.sum()], rtol=1e-6)


def test_in_training_each_group_spreads_its_others_over_the_classes_outside():
    members = np.asarray(JoinGroups(GROUPS)(LOGITS, training=True))
    assert members.shape == (1, 3, 4)
    expected = [[2 / 12, 3 / 12, 4 / 12, 3 / 12], [7 / 30, 3 / 10, 7 / 30, 7 / 30], [8 / 39] * 3 + [5 / 13]]
    np.testing.assert_allclose(softmax(members, axis=-1), [expected], rtol=1e-5)


@pytest.mark.parametrize("groups", [[[0, 1]], [[0], [0, 1]], [[0], []], [[0], [2]]])
def test_groups_that_do_not_split_the_classes_are_refused(groups):
    with pytest.raises(ValueError, match="hold each class index once"):
        JoinGroups(groups)
