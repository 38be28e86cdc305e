"""Projects real and synthetic rows onto one plane."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA

from components.html_report.records.synthetic_gallery import split_paths
from core.features import LABEL, NUMERIC

MOST_REAL = 2_000
MOST_SYNTHETIC = 300
CLASSES_SHOWN = 4
# In units of the SVG's viewBox.
SIDE, MARGIN = 300, 12
_READ_AT_ONCE = 4096
_MOST_READ = 200_000


@dataclass(frozen=True)
class Scatter:
    """Rows of one grown class among all others, as SVG paths of dots.

    Attributes:
        name: The class.
        others: Real rows of other classes.
        real: Its real rows.
        synthetic: Its synthetic rows.
        num_real: How many real rows of it are drawn.
        num_synthetic: How many synthetic ones.
    """

    name: str
    others: str
    real: str
    synthetic: str
    num_real: int
    num_synthetic: int


@dataclass(frozen=True)
class Projection:
    """The plane; `explained` is the share of the real rows' variance that its axes keep, each in [0, 1]."""

    scatters: list[Scatter]
    explained: tuple[float, float]
    num_real: int


def project(
    real: np.ndarray,
    real_labels: np.ndarray,
    synthetic: np.ndarray,
    synthetic_labels: np.ndarray,
    classes: Sequence[str],
) -> Projection | None:
    """Projects rows onto the two directions in which the real ones differ most.

    Args:
        real: Float `(real_rows, columns)`; the plane is fitted on these alone.
        real_labels: Class indices, int `(real_rows,)`.
        synthetic: Float `(synthetic_rows, columns)`.
        synthetic_labels: Class indices, int `(synthetic_rows,)`.
        classes: Names by index.

    Returns:
        A scatter of each of the classes with most synthetic rows; None with fewer than two columns or
        three real rows, or where no row is synthetic.
    """
    if real.shape[1] < 2 or len(real) < 3 or not len(synthetic):
        return None
    plane = PCA(n_components=2, svd_solver="full").fit(real)
    real_points, made_points = plane.transform(real), plane.transform(synthetic)
    corners = np.concatenate([real_points, made_points])
    low, span = corners.min(axis=0), np.maximum(np.ptp(corners, axis=0), 1e-9)

    def dots(points: np.ndarray) -> str:
        placed = MARGIN + (points - low) / span * (SIDE - 2 * MARGIN)
        return "".join(f"M{x:.0f} {SIDE - y:.0f}h0" for x, y in placed)

    sizes = np.bincount(synthetic_labels, minlength=len(classes))
    grown = sorted(np.flatnonzero(sizes).tolist(), key=lambda index: (-sizes[index], index))[:CLASSES_SHOWN]
    scatters = []
    for index in grown:
        mine, made = real_labels == index, synthetic_labels == index
        scatters.append(
            Scatter(
                name=classes[index],
                others=dots(real_points[~mine]),
                real=dots(real_points[mine]),
                synthetic=dots(made_points[made]),
                num_real=int(mine.sum()),
                num_synthetic=int(made.sum()),
            )
        )
    ratio = np.nan_to_num(plane.explained_variance_ratio_)
    return Projection(scatters, (float(ratio[0]), float(ratio[1])), len(real))


def project_rows(paths: Sequence[str], classes: Sequence[str]) -> Projection | None:
    """Reads the augmented train split and projects its numeric columns.

    Args:
        paths: Its shards.
        classes: Names by class index.

    Returns:
        As `project`; None too where the records have no numbers.
    """
    made, original = split_paths(paths)
    if not made:
        return None
    synthetic = _rows(made, len(classes), MOST_SYNTHETIC)
    real = _rows(original, len(classes), max(MOST_REAL // len(classes), 1))
    if synthetic is None or real is None:
        return None
    return project(*real, *synthetic, classes)


def _rows(paths: list[str], num_classes: int, per_class: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Takes the first rows of every class, so that rare ones are seen; shards are in random order."""
    taken = np.zeros(num_classes, np.int64)
    values, labels = [], []
    for rows, of_rows in _batches(paths):
        for label in np.unique(of_rows):
            places = np.flatnonzero(of_rows == label)[: per_class - taken[label]]
            taken[label] += len(places)
            values.append(rows[places])
            labels.append(of_rows[places])
        if (taken == per_class).all():
            break
    return (np.concatenate(values), np.concatenate(labels)) if values else None


def _batches(paths: list[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    spec = {NUMERIC: tf.io.VarLenFeature(tf.float32), LABEL: tf.io.FixedLenFeature([], tf.int64)}
    records = tf.data.TFRecordDataset(paths, "GZIP").take(_MOST_READ).batch(_READ_AT_ONCE)
    for batch in records:
        parsed = tf.io.parse_example(batch, spec)
        rows = tf.sparse.to_dense(parsed[NUMERIC]).numpy()
        if rows.shape[1] < 2:
            return
        yield rows, parsed[LABEL].numpy()
