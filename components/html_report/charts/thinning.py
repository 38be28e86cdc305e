"""A line with many points, drawn with few."""

import heapq

import numpy as np


def thin(x: np.ndarray, y: np.ndarray, most: int = 200, tolerance: float = 5e-4) -> np.ndarray:
    """Chooses points of a line so that the line through them runs close to all others.

    Begins with the two ends and adds, again and again, the point furthest from the line so far.

    Reference:
        Douglas and Peucker (1973), Algorithms for the reduction of the number of points required to
        represent a digitized line or its caricature; here in the order of distance, so that a number of
        points can be asked for.

    Args:
        x: Float `(points,)`.
        y: Float `(points,)`, in the unit of `x`.
        most: Number of points wanted at most, at least 2.
        tolerance: Points nearer than this to the line are left out.

    Returns:
        Places of the chosen points, int64, rising, the two ends among them.
    """
    chosen = {0, len(x) - 1}
    waiting: list[tuple[float, int, int, int]] = []

    def look_between(first: int, last: int) -> None:
        if last - first > 1:
            distances = _distances(x, y, first, last)
            furthest = int(np.argmax(distances))
            if distances[furthest] > tolerance:
                heapq.heappush(waiting, (-float(distances[furthest]), first + 1 + furthest, first, last))

    look_between(0, len(x) - 1)
    while waiting and len(chosen) < most:
        _, place, first, last = heapq.heappop(waiting)
        chosen.add(place)
        look_between(first, place)
        look_between(place, last)
    return np.array(sorted(chosen), np.int64)


def _distances(x: np.ndarray, y: np.ndarray, first: int, last: int) -> np.ndarray:
    """Returns how far the points between two places lie from the segment that joins these."""
    across, up = x[last] - x[first], y[last] - y[first]
    to_x, to_y = x[first + 1 : last] - x[first], y[first + 1 : last] - y[first]
    length = across**2 + up**2
    along = np.clip((to_x * across + to_y * up) / length, 0, 1) if length else np.zeros(len(to_x))
    return np.hypot(to_x - along * across, to_y - along * up)
