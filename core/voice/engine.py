"""What an engine gets and gives that is asked piece by piece: one voice, one manner, one request each.

The embedded engine takes a whole script. All others take an `Utterance`: no markup, no pauses, no dictionary, within the
model's limit. What they cannot do themselves (pauses, pitch, speed beyond their range, captions) is done around them, so
that it works with every engine. core.voice.parts cuts a script into utterances, core.voice.joining puts it together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from core.providers.base import MakeProvider
from core.voice.types import Emotion

EMOTIONS: tuple[Emotion, ...] = ("neutral", "happy", "sad", "angry", "excited", "whisper")
CONTROLS = ("stability", "similarity", "style", "speaker_boost", "emotion", "instructions", "seed", "language")
"""What an engine may obey or not; its ProviderInfo.capabilities name those it does. Speed and pitch work with all."""


@dataclass(frozen=True)
class Utterance:
    text: str
    voice: str
    """The provider's own id of the voice: what stands behind the colon of Voice.id."""
    model: str
    language: str = ""
    """ISO 639-1; "": the model finds it out."""
    speed: float = 1.0
    """Within the engine's own range (SpeechEngine.speeds)."""
    pitch: float = 0.0
    """Semitones, of an engine with the capability `pitch`; others are shifted afterwards."""
    range: float = 1.0
    """Intonation, of an engine with the capability `range`."""
    stability: float | None = None
    """0 to 1, as are similarity and style; None: the provider's default."""
    similarity: float | None = None
    style: float | None = None
    speaker_boost: bool | None = None
    emotion: Emotion = ""
    instructions: str = ""
    """How to say it, in words."""
    seed: int | None = None
    before: str = ""
    """What was said just before and comes just after: for the intonation at the joins, not spoken."""
    after: str = ""
    profile: str = ""
    """SHA-256 of the file a managed voice was learned into, for engines that keep it in one."""


class SpeechEngine(MakeProvider, Protocol):
    """make() answers Made with one Output of role `primary` and kind `voiceover`: any format core.audio.files decodes.

    `Made.facts["words"]`, where the engine knows it: [[start, end, begins_s, ends_s], …], places in Utterance.text of the
    first character and past the last, seconds in the sound, in order. Left out, the sound is aligned afterwards.
    """

    @property
    def speeds(self) -> tuple[float, float]:
        """Slowest and fastest the engine does itself; what lies beyond is stretched afterwards."""
        ...

    @property
    def default_model(self) -> str: ...

    def longest(self, model: str) -> int:
        """Characters of one request. UserError for a model that the engine does not have."""
        ...


@runtime_checkable
class LicensedByVoice(Protocol):
    """An engine whose voices do not all have the licence of its ProviderInfo."""

    def licence_of(self, voice: str) -> str:
        """Id of what is said with it; `voice` as in Utterance."""
        ...


def words_fact(words: list[tuple[int, int, float, float]]) -> Mapping[str, Any]:
    return {"words": [[start, end, round(begins, 4), round(ends, 4)] for start, end, begins, ends in words]}
