"""MinorityAugmenter: rebalances train, leaves eval as it is, and remembers what it did."""

import apache_beam as beam
import tensorflow_transform as tft
from tfx.dsl.component.experimental.annotations import (
    BeamComponentParameter,
    InputArtifact,
    OutputArtifact,
    Parameter,
)
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import ClassPriors
from components.minority_augmenter.check import check_classes, check_embeddings, check_kind
from components.minority_augmenter.new_images import operations_asked
from components.minority_augmenter.rebalance import Data, rebalance
from components.minority_augmenter.records import Shape
from core.augmentation.settings import AugmentationSettings
from core.errors import InputError
from core.features import CLASSES_VOCABULARY, KEY, categories_vocabulary


@component(use_beam=True)
def MinorityAugmenter(
    examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    augmented_examples: OutputArtifact[standard_artifacts.Examples],
    class_priors: OutputArtifact[ClassPriors],
    augmentation: Parameter[str],
    seed: Parameter[int],
    beam_pipeline: BeamComponentParameter[beam.Pipeline] = None,
) -> None:
    """Adds records to rare classes of train, or takes records of common ones away.

    Train's shards are passed on as they are, or without the records that leave; new records come in shards of
    their own, `synthetic-*`, with two features more than the others: `augmentation_method` and
    `augmentation_parents`, the keys of the train records each was made of. All other splits are passed on
    byte for byte and never read. Where new embeddings are made in training, train passes likewise, and only the
    plan is written down. What is random is decided by the seed and the records' keys, so that the bytes
    do not depend on the workers.

    Args:
        examples: What Transform made of the splits.
        transform_graph: Names of the classes, and which features there are.
        augmented_examples: The same splits, train rebalanced.
        class_priors: Its folder gets `priors.json`, see Priors, and `provenance.csv`: key and class
            of every record made or removed, by which method, of which parents (a JSON list).
        augmentation: `AugmentationSettings` as one JSON string.
        seed: Decides everything random.
        beam_pipeline: Made by TFX; without one all is done in this process.

    Raises:
        InputError: Where the settings do not fit the data.
    """
    settings = AugmentationSettings.model_validate_json(augmentation)
    data = data_of(transform_graph.uri)
    check_augmentation(settings, data, transform_graph.uri)

    augmented_examples.split_names = examples.split_names
    folders = {
        split: tuple(
            artifact_utils.get_split_uri([artifact], split) for artifact in (examples, augmented_examples)
        )
        for split in artifact_utils.decode_split_names(examples.split_names)
    }
    for _, target in folders.values():
        fileio.makedirs(target)
    fileio.makedirs(class_priors.uri)
    document = rebalance(folders, class_priors.uri, settings, seed, data, beam_pipeline)
    document.write(class_priors.uri, fileio)


def data_of(transform_graph: str) -> Data:
    """Returns what Transform says of the records, from the folder of its graph."""
    transform = tft.TFTransformOutput(transform_graph)
    shape = Shape.of(transform.transformed_feature_spec())
    sizes = (
        transform.vocabulary_size_by_name(categories_vocabulary(place)) + 1
        for place in range(shape.num_categorical)
    )
    classes = [name.decode() for name in transform.vocabulary_by_name(CLASSES_VOCABULARY)]
    return Data(classes, shape, num_categories=sum(sizes))


def check_augmentation(settings: AugmentationSettings, data: Data, transform_graph: str) -> None:
    """Checks that an augmentation fits the data.

    Raises:
        InputError: It does not.
    """
    if settings.row_strategy == "none" and not settings.in_training:
        return
    check_classes(settings, data.classes)
    has_columns = bool(data.shape.num_numeric or data.shape.num_categorical)
    check_kind(settings, has_columns, data.shape.has_image)
    if settings.in_training:
        check_embeddings(settings, has_columns)
        return
    if not data.shape.num_numeric and settings.tabular not in ("none", "oversample", "undersample", "smote"):
        raise InputError(
            f"augmentation.tabular: {settings.tabular!r} measures distances between numbers, and the data have no "
            "numeric column. smote works on categories alone (SMOTE-N), and so do oversample and undersample."
        )
    if KEY not in tft.TFTransformOutput(transform_graph).transformed_feature_spec():
        raise InputError(
            "The schema leaves out the feature record_key, by which augmentation tells records apart. Add it to "
            "the file of data.schema."
        )
    operations_asked(settings)
