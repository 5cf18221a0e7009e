"""Gradio's import leaves out the stub files that it would write for editors."""

from __future__ import annotations

import importlib.util
import inspect
import sys

import gradio
import gradio.component_meta

from ui_gradio.quick_import import MODULE, WRITES, _Finder, without_stubs


def test_the_writer_of_stubs_does_nothing() -> None:
    assert f"def {WRITES}(" in inspect.getsource(gradio.component_meta), "it has another name now"
    without_stubs()
    without_stubs()
    assert sum(isinstance(finder, _Finder) for finder in sys.meta_path) == 1
    found = next(f for f in sys.meta_path if isinstance(f, _Finder)).find_spec(MODULE, gradio.__path__)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    getattr(module, WRITES)("no class", "", [])  # the real one would ask for its file
    assert module.ComponentMeta.__name__ == "ComponentMeta"


def test_other_modules_are_found_as_ever() -> None:
    assert _Finder().find_spec("json", None) is None
