"""Gradio is imported without the stub files it writes for editors.

For each of its components it parses that component's source and renders a template, at every start: a third of the
processor time of its import (1.4 of 3.7 s, measured with 6.x), for files that nothing here reads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

MODULE = "gradio.component_meta"
WRITES = "create_or_modify_pyi"


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == MODULE else None
        if spec is None or spec.loader is None:
            return None
        plain = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            plain(module)
            setattr(module, WRITES, _nothing)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _nothing(*_: object) -> None: ...


def without_stubs() -> None:
    """From the next import of Gradio on; where it is imported already, it is too late and does no harm."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
