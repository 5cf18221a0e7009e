"""MusicGen and Stable Audio Open as the contract suite of all music engines asks them, on tiny weights. In its list of
engines, with `LOCAL` and `VALUES` from here:

    **{name: lambda servers, folder, name=name: Case(LOCAL[name](servers, folder), values=VALUES[name]) for name in LOCAL}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from core.kit.children import Children
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.music.providers.musicgen import MusicGen
from core.music.providers.stable_open import StableAudioOpen
from tests.music.providers import musicgen_checkpoint, musicgen_child, stable_checkpoint, stable_child


def musicgen(servers: ExitStack, folder: Path) -> MusicGen:
    if not musicgen_checkpoint.INSTALLED:
        pytest.skip("requirements-musicgen.txt is not installed")
    engine = MusicGen(folder, "cpu", threads=1)
    built(servers, musicgen_child.build_in_child, folder, "musicgen-small")
    return engine


def stable_audio_open(servers: ExitStack, folder: Path) -> StableAudioOpen:
    if not stable_checkpoint.INSTALLED:
        pytest.skip("requirements-stable-audio.txt is not installed")
    engine = StableAudioOpen(folder, "cpu", threads=1)
    built(servers, stable_child.build_in_child, folder, "stable-audio-open")
    return engine


def built(servers: ExitStack, build: Callable[..., None], folder: Path, weights: str) -> None:
    """In a child: torch changes what a process computes with, and is slow to come."""
    children = servers.enter_context(closing(Children(limit=1)))
    children.run(build, folder)
    Shelf(folder).agree(find(weights), "a test")


LOCAL: Mapping[str, Callable[[ExitStack, Path], Any]] = {
    "musicgen": musicgen, "stable-audio-open": stable_audio_open,
}  # fmt: skip
VALUES: Mapping[str, Mapping[str, Any]] = {
    "musicgen": {"seconds": 3.0, "model": "small"},
    "stable-audio-open": {"seconds": 3.0, "steps": 2},
}
