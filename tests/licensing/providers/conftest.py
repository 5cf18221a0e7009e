"""A catalogue behind its stand-in, asked as the studio asks it. Files are looked into in this process: a child takes longer
to start than any of these tests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.licensing.providers import fetching
from core.providers.base import Call

Calling = Callable[..., Call]


class Here:
    def run(self, target: Callable[..., Any], request: object, **_: Any) -> Any:
        return target(request, lambda stage, share: None)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_PAUSE_S", 0.0)


@pytest.fixture
def calling(tmp_path: Path) -> Calling:
    numbers = count(1)

    def call(key: str = "") -> Call:
        folder = tmp_path / f"attempt_{next(numbers)}"
        folder.mkdir()
        return Call("attempt_1", folder, Here(), key=key)  # type: ignore[arg-type]

    return call


class Asking:
    """One catalogue, its files and its credential."""

    def __init__(self, catalogue: Any, files: Any, calling: Calling, key: str) -> None:
        self.catalogue, self.files, self.calling, self.key = catalogue, files, calling, key

    def __call__(self, op: str, **request: Any) -> Any:
        return self.catalogue.query({"op": op, **request}, self.calling(self.key)).value

    def make(self, **request: Any) -> Any:
        return self.files.make(request, self.calling(self.key))
