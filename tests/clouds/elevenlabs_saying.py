"""What the tests of ElevenLabs say, and how they look at what became of it."""

from __future__ import annotations

from typing import Any

from core.providers.base import Made
from core.voice.engine import Utterance
from tests.clouds.elevenlabs import VOICE, ElevenLabsServer

TEXT = "Hello there, this is a test of speech."
SAY = Utterance(text=TEXT, voice=VOICE, model="eleven_multilingual_v2")


def sent(server: ElevenLabsServer) -> dict[str, Any]:
    return server.speech[-1].body


def spoken(made: Made, text: str = TEXT) -> list[str]:
    return [text[start:end] for start, end, _, _ in made.facts["words"]]
