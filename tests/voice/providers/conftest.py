"""What the tests of one service share: its stand-in on loopback, and its engine in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.kit.children import Children
from core.providers.base import Call, Made
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from tests.clouds.elevenlabs import KEY, ElevenLabsServer
from tests.clouds.elevenlabs_saying import SAY, TEXT
from tests.clouds.openai import OpenaiServer


@pytest.fixture
def cloud() -> Iterator[OpenaiServer]:
    with OpenaiServer() as server:
        yield server


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def call(tmp_path: Path, children: Children) -> Call:
    folder = tmp_path / "call"
    folder.mkdir()
    return Call("c", folder, children, key=KEY)


@pytest.fixture
def speak(server: ElevenLabsServer, call: Call) -> Callable[..., Made]:
    # WAV for most: it is decoded without another process.
    def make(
        text: str = TEXT, *, format: str = "wav_16000", timeout_s: float = 5.0, key: str = KEY, **values: Any
    ) -> Made:
        engine = ElevenLabsSpeech(server.url, format, timeout_s)
        return engine.make(replace(SAY, text=text, **values), replace(call, key=key))

    return make
