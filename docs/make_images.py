"""Makes the pictures of README.md from a run of the demo: the terminal as SVG, the report as PNG.

Usage: python docs/make_images.py, in the repository's folder. It runs what `make demo` runs, in a folder of its own, and
needs Chromium. On the terminal's picture the lines of stages and epochs, whose seconds are the machine's, are left out, and
this folder's path is written as `~/counterpoise`.
"""

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from pipeline.config import load_experiment
from pipeline.experiments.make_digits import write_digits
from pipeline.run import PUSHED, run_experiment

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000
_COLUMNS = 98
_SCRATCH = re.compile(rf"{re.escape(str(ROOT))}/runs/tmp[^/]+")
_PROGRESS = re.compile(r"  epoch |.* (done|cached) +[0-9.]+ s$")
_WINDOW = (1120, 1000)


class _Recorder(Console):
    """Records what is printed but for the progress, with paths that do not depend on the machine."""

    def print(self, *objects: Any, **options: Any) -> None:
        if objects and isinstance(objects[0], str):
            if _PROGRESS.match(objects[0]):
                return
            objects = (_SCRATCH.sub("~/counterpoise/runs", objects[0]), *objects[1:])
        super().print(*objects, **options)


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    write_digits(ROOT / "data" / "digits")
    console = _Recorder(record=True, width=_COLUMNS, file=io.StringIO(), highlight=False)
    console.print(Text("$ make demo", style="bold"))
    (ROOT / "runs").mkdir(exist_ok=True)
    # A run from cache would show no times.
    with tempfile.TemporaryDirectory(dir=ROOT / "runs") as folder:
        output = Path(folder, "digits")
        experiment = load_experiment(str(ROOT / "pipeline" / "experiments" / "digits.yaml"))
        if run_experiment(experiment, str(output), [], console) != PUSHED:
            raise SystemExit(f"The demo's model was not pushed; nothing is written.\n{console.export_text()}")
        svg = console.export_svg(title="counterpoise", theme=DEFAULT_TERMINAL_THEME)
        _write(IMAGES / "terminal.svg", svg.encode())
        _write(IMAGES / "report.png", _photograph(output / "report.html", Path(folder)))


def _photograph(page: Path, folder: Path) -> bytes:
    """Returns the top of a page, as a PNG of few colours."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("No Chromium: install the package `chromium`.")
    shot = folder / "shot.png"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={shot}"]
    flags += [f"--window-size={_WINDOW[0]},{_WINDOW[1]}", f"--user-data-dir={folder / 'profile'}"]
    subprocess.run([browser, *flags, page.as_uri()], check=True, capture_output=True, timeout=120)
    small = io.BytesIO()
    with Image.open(shot) as image:
        image.convert("RGB").quantize(128).save(small, "PNG", optimize=True)
    return small.getvalue()


def _write(path: Path, content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{path} would have {len(content):,} bytes, more than {MOST_BYTES:,}.")
    path.write_bytes(content)
    print(f"{path.relative_to(ROOT)}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
