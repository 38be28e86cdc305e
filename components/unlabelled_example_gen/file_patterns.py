"""Makes patterns that match the files of new data, for the fingerprint that Kubeflow's driver takes."""

import glob
import os

from components.stratified_example_gen import file_patterns
from components.stratified_example_gen.csv.utf8 import is_utf8
from components.stratified_example_gen.settings import DataSettings, SplitShares


def new_data_patterns(path: str, data: DataSettings) -> tuple[str, dict[str, str]]:
    """Names the files by patterns in which `*`, `?` and `[` match within one level of folders.

    Args:
        path: A table, several by a pattern, or a folder of images.
        data: The experiment's data settings, whose format the new data have.

    Returns:
        A folder, and what it is to what pattern below that folder.
    """
    if data.format != "image_folder":
        alone = {"path": path, "splits": SplitShares(), "corrections": None}
        return file_patterns.file_patterns(data.model_copy(update=alone))
    base = glob.escape(os.path.dirname(path))
    # One for each folder, so that an image moved to another, which changes its key, is noticed.
    folders = [folder for folder, _, _ in os.walk(path) if is_utf8(folder)] or [path]
    return base, {
        f"folder_{number}": os.path.join(os.path.relpath(glob.escape(folder), base), "*")
        for number, folder in enumerate(sorted(folders))
    }
