"""Makes patterns that match the data's files, for the fingerprint that Kubeflow's driver takes.

On this machine `FilesDriver` looks at the files themselves.
"""

import glob
import os

from components.stratified_example_gen.csv.utf8 import is_utf8
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import split_paths

# Matches the ending of every one of images.EXTENSIONS in either case, and of little else: a run's own output
# may lie in the table's folder, and must not change the fingerprint.
_IMAGE = "*.[JPGBjpgb][PNIMFpnimf]*"
_IMAGE_DEPTH = 5


def file_patterns(settings: DataSettings) -> tuple[str, dict[str, str]]:
    """Names the files by patterns in which `*`, `?` and `[` match within one level of folders.

    Images that a table names are looked for in the table's folder and in folders down to four levels
    below it, by the endings usual for them: of others a change is not noticed.

    Returns:
        A folder, and what it is to what pattern below that folder.
    """
    patterns = {}
    for split, path in split_paths(settings).items():
        name = split or "all"
        # What exists as it is written is no pattern, whatever characters it is written with.
        pattern = glob.escape(path) if os.path.exists(path) else path
        patterns[name] = pattern + ("/*/*" if settings.format == "image_folder" else "")
        if settings.format == "image_folder":
            # The fingerprint knows a pattern's files by number, size and time alone. With a pattern for each
            # class, an image moved to another class is noticed.
            for number, label in enumerate(_folders_in(path)):
                for depth in range(1, _IMAGE_DEPTH):
                    below = os.path.join(pattern, glob.escape(label), *["*"] * depth)
                    patterns[f"{name}_class_{number}_{depth}"] = below
        if settings.image is not None:
            folder = os.path.dirname(pattern)
            for depth in range(_IMAGE_DEPTH):
                patterns[f"{name}_images_{depth}"] = os.path.join(folder, *["*"] * depth, _IMAGE)
    if settings.corrections is not None:
        patterns["corrections"] = glob.escape(settings.corrections)
    base = os.path.commonpath([os.path.dirname(pattern) for pattern in patterns.values()])
    return base, {name: os.path.relpath(pattern, base) for name, pattern in patterns.items()}


def _folders_in(path: str) -> list[str]:
    if not os.path.isdir(path):
        return []
    return sorted(entry.name for entry in os.scandir(path) if entry.is_dir() and is_utf8(entry.name))
