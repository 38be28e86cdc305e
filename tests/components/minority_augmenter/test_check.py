import pytest

from components.minority_augmenter.check import check_classes, check_kind
from core.augmentation.settings import AugmentationSettings
from core.errors import InputError


def test_sizes_of_classes_in_the_data_are_accepted():
    check_classes(AugmentationSettings(target_ratio={"a": 5}), ["a", "b"])
    check_classes(AugmentationSettings(target_ratio=0.5), [])


def test_a_class_that_is_not_in_the_data_is_refused_with_the_nearest():
    with pytest.raises(
        InputError, match=r"no class 'scrach'.*Did you mean 'scratch'.*Classes: dent, scratch"
    ):
        check_classes(AugmentationSettings(target_ratio={"scrach": 5}), ["scratch", "dent"])


@pytest.mark.parametrize(
    ("settings", "has_columns", "has_image"),
    [({"tabular": "smote"}, True, False), ({"image": "augment"}, False, True), ({}, False, False)],
)
def test_strategies_for_what_the_records_have_are_accepted(settings, has_columns, has_image):
    check_kind(AugmentationSettings(**settings), has_columns, has_image)


def test_strategies_for_what_the_records_lack_are_refused():
    with pytest.raises(InputError, match=r"augmentation.tabular: 'smote'.*Set it to none"):
        check_kind(AugmentationSettings(tabular="smote"), has_columns=False, has_image=True)
    with pytest.raises(InputError, match=r"augmentation.image: 'augment'.*Set it to none"):
        check_kind(AugmentationSettings(image="augment"), has_columns=True, has_image=False)
