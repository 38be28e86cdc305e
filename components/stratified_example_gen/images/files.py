"""Lists the files of a folder of images: those to read, and those that are left out, with the reason."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from components.stratified_example_gen.csv.utf8 import is_utf8
from components.stratified_example_gen.images.kinds import HEAD_BYTES, is_image
from components.stratified_example_gen.records import LeftOut
from core.errors import InputError

# What operating systems and file servers leave behind, in lower case.
_LITTER = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"})
_LITTER_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"})
# What marks the output folder of a run, which a person who works in the data's folder gets there.
_RUN_FILES = (".lock", "run.log")
RUN_OUTPUT = "is the output of a run"
# Notes and annotations often lie beside the images; unlike a damaged image they are not meant to be one.
_TEXT_ENDINGS = (
    *(".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml"),
    *(".md", ".rst", ".html", ".htm", ".log", ".ini", ".cfg"),
)
_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True)
class ImageFiles:
    """What lies in a folder and in the folders below it.

    Attributes:
        files: Paths relative to the folder, with `/`, sorted. Whether each is an image, reading tells.
        left_out: What is not read, sorted by key. The key of a folder that is left out as a whole ends with `/`.
        folders: Names of the folders directly in it, sorted, also of those of which nothing can be read; without
            hidden ones, litter and outputs of runs.
    """

    files: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    folders: tuple[str, ...]


def list_image_files(folder: str) -> ImageFiles:
    """Lists every file in a folder and below, each exactly once.

    Links are followed where they stay inside the folder, which may be a link itself. A file or folder that is
    reached by several paths counts under the one without a link, else under the first. What is left out: hidden
    files and folders, litter of operating systems, text files, links that leave the folder, lead nowhere or in a
    circle, named pipes and their like, and folders that cannot be opened.

    Raises:
        InputError: The folder cannot be opened, or a name is not UTF-8.
    """
    walk = _Walk(folder)
    walk.run()
    return ImageFiles(
        tuple(sorted(walk.files)),
        tuple(sorted(walk.left_out, key=lambda one: one.key)),
        tuple(sorted({*walk.folders} - walk.folders_of_runs())),
    )


@dataclass
class _Walk:
    """One walk through a folder: first without links, so that paths without one come first, then link by link."""

    root: str
    files: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    # Paths of links still to be followed, and of the folders that they stand in, which have none in theirs.
    _links: list[tuple[str, str]] = field(default_factory=list)
    _visited: set[str] = field(default_factory=set)
    # The path without links of every file, and the path it counts under.
    _counted: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        # Of plain files nothing is resolved: that takes a call for each folder of each path.
        self._real_root = os.path.realpath(self.root).rstrip("/") + "/"
        try:
            os.scandir(self.root).close()
        except OSError as err:
            raise InputError(f"The folder {self.root!r} cannot be opened ({err.strerror}).") from err
        self._scan("", "")
        if self._links:
            self._counted = {file: file for file in self.files}
        while self._links:
            links, self._links = sorted(self._links), []
            for link, real_folder in links:
                self._follow(link, real_folder)

    def folders_of_runs(self) -> set[str]:
        """Names the folders that are there for outputs of runs, and for no class."""
        with_runs = {one.key.partition("/")[0] for one in self.left_out if one.why == RUN_OUTPUT}
        return with_runs and with_runs - {file.partition("/")[0] for file in self.files}

    def _scan(self, prefix: str, real_prefix: str) -> None:
        """Takes what lies in a folder and the folders below, by paths that end with `/`."""
        waiting = [(prefix, real_prefix)]
        self._visited.add(real_prefix)
        while waiting:
            prefix, real_prefix = waiting.pop()
            try:
                with os.scandir(os.path.join(self.root, prefix)) as entries:
                    for entry in entries:
                        below = self._take(entry, prefix, real_prefix)
                        if below is not None:
                            waiting.append(below)
            except OSError as err:
                self._leave_out(prefix, f"is a folder that cannot be read ({err.strerror})")

    def _take(self, entry: os.DirEntry[str], prefix: str, real_prefix: str) -> tuple[str, str] | None:
        """Takes one entry of a folder; returns it where it is a folder to be scanned."""
        name = entry.name
        path = prefix + name
        is_folder = entry.is_dir(follow_symlinks=False)
        why = _why_never_read(name, is_folder)
        if why is not None:
            self._leave_out_entry(path, is_folder, why)
        elif not is_utf8(name):
            raise InputError(f"{self.root}: the name {name!r} is not UTF-8 text. Rename it.")
        elif is_folder and _is_run_output(os.path.join(self.root, path)):
            self._leave_out(f"{path}/", RUN_OUTPUT)
        elif is_folder:
            if not prefix:
                self.folders.append(name)
            real = f"{real_prefix}{name}/"
            if real not in self._visited:
                self._visited.add(real)
                return f"{path}/", real
            self._leave_out(f"{path}/", self._counts_elsewhere(real))
        elif entry.is_symlink():
            self._links.append((path, real_prefix))
        elif entry.is_file(follow_symlinks=False):
            self._take_file(path, real_prefix + name, linked=prefix != real_prefix)
        else:
            self._leave_out(path, f"is {_special(entry.stat(follow_symlinks=False).st_mode)}, no file")
        return None

    def _take_file(self, path: str, real: str, linked: bool) -> None:
        if linked and real in self._counted:
            self._leave_out(path, f"is the file {self._counted[real]!r}, which counts there")
        elif path.lower().endswith(_TEXT_ENDINGS) and not _begins_like_an_image(
            os.path.join(self.root, path)
        ):
            self._leave_out(path, "is a text file by its name, and no image by its content")
        else:
            self.files.append(path)
            if linked:
                self._counted[real] = path

    def _follow(self, link: str, real_folder: str) -> None:
        path = os.path.join(self.root, link)
        try:
            mode = os.stat(path).st_mode
        except OSError as err:
            # What was a class's folder may be on a disk that is not mounted; `notes.txt` was none.
            self._note_top_folder(link, not os.path.splitext(link)[1])
            self._leave_out(link, _why_broken(path, err))
            return
        is_folder = stat.S_ISDIR(mode)
        self._note_top_folder(link, is_folder)
        real = os.path.realpath(path)
        real = real.rstrip("/") + "/" if is_folder else real
        if not real.startswith(self._real_root):
            self._leave_out(link, f"is a link that leaves the data's folder, to {_shown(real)!r}")
            return
        real = real[len(self._real_root) :]
        if is_folder:
            if real_folder.startswith(real):
                self._leave_out(link, "is a link to a folder that it lies in itself")
            elif real in self._visited:
                self._leave_out(f"{link}/", self._counts_elsewhere(real))
            else:
                self._scan(f"{link}/", real)
        elif stat.S_ISREG(mode):
            self._take_file(link, real, linked=True)
        else:
            self._leave_out(link, f"is a link to {_special(mode)}, no file")

    def _note_top_folder(self, link: str, is_folder: bool) -> None:
        if is_folder and "/" not in link:
            self.folders.append(link)

    def _counts_elsewhere(self, real: str) -> str:
        paths = sorted(path for file, path in self._counted.items() if file.startswith(real))
        if not paths:
            return f"is the folder {real[:-1]!r}, which is looked at there"
        return (
            f"is the folder {real[:-1]!r}, {_files(len(paths))} of which count already, such as {paths[0]!r}"
        )

    def _leave_out_entry(self, path: str, is_folder: bool, why: str) -> None:
        if not is_folder:
            self._leave_out(path, f"is {why}")
        elif count := sum(1 for _ in _files_below(os.path.join(self.root, path))):
            self._leave_out(f"{path}/", f"is {why}, with {_files(count)}")

    def _leave_out(self, path: str, why: str) -> None:
        self.left_out.append(LeftOut(_shown(path), why))


def _is_run_output(folder: str) -> bool:
    return all(os.path.exists(os.path.join(folder, name)) for name in _RUN_FILES)


def _why_never_read(name: str, is_folder: bool) -> str | None:
    if name.startswith("."):
        return "a hidden folder" if is_folder else "hidden"
    if name.lower() in (_LITTER_FOLDERS if is_folder else _LITTER):
        return "a folder that the system made" if is_folder else "a file that the system made"
    return None


def _why_broken(path: str, err: OSError) -> str:
    if err.errno == errno.ELOOP:
        return "is a link that leads in a circle"
    if err.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"is a link to {_shown(os.readlink(path))!r}, which does not exist"
    return f"is a link that cannot be followed ({err.strerror})"


def _special(mode: int) -> str:
    return _SPECIAL.get(stat.S_IFMT(mode), "something special")


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _shown(path: str) -> str:
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _files_below(folder: str) -> Iterator[str]:
    for _, _, names in os.walk(folder):
        yield from names


def _begins_like_an_image(path: str) -> bool:
    try:
        with open(path, "rb") as handle:
            return is_image(handle.read(HEAD_BYTES))
    except OSError:
        # It is read later, and named as what cannot be.
        return True
