"""Modules that are imported once something of them is used: libraries import clients of services that a run never calls."""

import importlib.machinery
import sys
import threading
from collections.abc import Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

# Set by the import itself, where there is something to set.
_BY_IMPORT = ("__cached__", "__file__", "__loader__", "__package__", "__path__", "__spec__")


class _Late(ModuleType):
    """A module whose content is not there yet; whatever is asked of it besides what its import sets brings it."""

    def __getattr__(self, name: str) -> Any:
        if name in _BY_IMPORT or not _bring(self):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self, name)


class _LateLoader(Loader):
    def __init__(self, loader: Loader):
        self.loader = loader
        self.lock = threading.RLock()
        self.is_running = False

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Late(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leaves the module empty; see _bring."""


class _LateFinder(MetaPathFinder):
    def __init__(self, names: Collection[str]):
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        # What lies in a package may count on the package.
        parent = sys.modules.get(fullname.rpartition(".")[0])
        if isinstance(parent, _Late):
            _bring(parent)
        if fullname not in self._names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            # The import fails as it would have.
            return None
        spec.loader = _LateLoader(spec.loader)
        return spec


def _bring(module: _Late) -> bool:
    """Runs the code of a module that was put off, once, and returns whether it is there now.

    It is not where the code itself asks, which finds what there is so far.
    """
    spec = module.__spec__
    loader = None if spec is None else spec.loader
    if spec is None or not isinstance(loader, _LateLoader):
        return True
    with loader.lock:
        if loader.is_running:
            return False
        if not isinstance(module, _Late):
            return True
        loader.is_running = True
        try:
            loader.loader.exec_module(module)
        finally:
            loader.is_running = False
        module.__loader__ = spec.loader = loader.loader
        module.__class__ = ModuleType  # type: ignore[assignment]
    return True


def import_late(names: Collection[str]) -> None:
    """Has modules imported only when one of their attributes is asked for, wherever they are imported from now on.

    `import a.b` and `from a import b` put `a.b` off; `from a.b import c` does not, as it asks for `c`. A module that
    is not installed fails to be imported at once, so that what can do without it notices.

    Args:
        names: Full names of modules. Those imported already are left as they are.
    """
    sys.meta_path.insert(0, _LateFinder(names))
