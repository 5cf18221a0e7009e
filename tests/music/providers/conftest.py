"""One child with tiny models for all tests of MusicGen here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.kit.children import Children
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.music.providers.musicgen import MusicGen
from core.music.types import MusicRequest
from core.providers.base import Call, Made
from tests.music.providers import musicgen_child as inside

Play = Callable[..., tuple[Made, Any]]


@pytest.fixture(scope="session")
def pool() -> Iterator[Children]:
    children = Children(limit=1)
    yield children
    children.close()


@pytest.fixture(scope="session")
def models(pool: Children, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    pool.run(inside.build_in_child, folder, kept=MusicGen(folder, threads=1).kept)
    Shelf(folder).agree(find("musicgen-small"), "a test")
    return folder


@pytest.fixture
def play(pool: Children, models: Path, tmp_path: Path) -> Play:
    def make(folder: Path = models, device: str = "auto", call: Call | None = None, **values: Any) -> tuple[Made, Any]:
        request = MusicRequest(**{"prompt": "calm piano", "seconds": 3.0, "seed": 7, "model": "small", **values})
        made = MusicGen(folder, device, threads=1).make(request, call or Call("c", tmp_path, pool))
        samples, rate = soundfile.read(made.outputs[0].path, always_2d=True)
        assert rate == 32_000
        assert len(samples) == round(request.seconds * rate)
        return made, samples

    return make
