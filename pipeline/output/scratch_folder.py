"""Makes a folder for the temporary files of a process and of its children, and removes it with them."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from pipeline.reaper import MARK, end_marked, new_mark, start_reaper


@contextlib.contextmanager
def scratch_folder(place: str | None = None) -> Iterator[str]:
    """Makes a folder, the default of `tempfile` in the block, and removes it however the process ends.

    What the process has started meanwhile, as workers of Beam, ends with the process, too.

    Args:
        place: Where to make it; default is the system's.
    """
    folder = tempfile.mkdtemp(prefix=".counterpoise-", dir=place)
    mark = new_mark()
    reaper = start_reaper(os.getpid(), mark, folder)
    before, variables = tempfile.tempdir, {"TMPDIR": folder, MARK: mark}
    kept = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    tempfile.tempdir = folder
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        end_marked(mark)
        shutil.rmtree(folder, ignore_errors=True)
        reaper.kill()
        reaper.wait()
