"""What a speech request is, and the nouns every voice provider answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.kit.errors import UserError
from core.voice.cleaning import MAX_CHARACTERS, clean

Tier = Literal["standard", "premium", "custom"]
"""standard: free and embedded; premium: a paid service or a neural model; custom: the user's own."""
Gender = Literal["male", "female", "neutral"]
Emotion = Literal["", "neutral", "happy", "sad", "angry", "excited", "whisper"]
MAX_PRONUNCIATIONS = 1000
MAX_SPEAKERS = 50


class SpeechRequest(BaseModel):
    """Build it from a person's input with `speech_request()`, which refuses a value with one clear UserError."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(description=f"up to {MAX_CHARACTERS:,} characters after cleaning; markup: see core.voice.text")
    voice: str = Field(default="", max_length=200, description="id or name of a voice; empty: the gallery's default")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, allow_inf_nan=False, description="1 is the voice's own speed")
    pitch: float = Field(default=0.0, ge=-12, le=12, allow_inf_nan=False, description="semitones up or down")
    range: float = Field(
        default=1.0, ge=0, le=2, allow_inf_nan=False, description="intonation: 0 flat, 1 the voice's own, 2 lively"
    )
    volume_db: float = Field(
        default=0.0, ge=-24, le=4, allow_inf_nan=False, description="above or below -16 LUFS; never over -1 dBTP"
    )
    sentence_pause_ms: int = Field(default=250, ge=0, le=10_000)
    paragraph_pause_ms: int = Field(default=600, ge=0, le=10_000)
    pronunciations: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_PRONUNCIATIONS,
        description="word to respelling ('GIF': 'jif'), [[engine phonemes]] or /IPA/",
    )
    language: str = Field(
        default="", max_length=20, description="code of the language the main voice speaks, where it speaks several"
    )
    model: str = Field(default="", max_length=100, description="of a cloud or neural engine; empty: its default")
    emotion: Emotion = Field(default="", description="where the engine acts; see `controls` of its voices")
    stability: float | None = Field(
        default=None, ge=0, le=1, allow_inf_nan=False, description="even (1) or free (0); where the engine has it"
    )
    similarity: float | None = Field(
        default=None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="closeness to the original voice, also called clarity",
    )
    style: float | None = Field(
        default=None, ge=0, le=1, allow_inf_nan=False, description="how much of the original's manner is exaggerated"
    )
    speaker_boost: bool | None = None
    instructions: str = Field(default="", max_length=2000, description="how to say it, in words, where it is obeyed")
    captions: bool = True
    sound: str = Field(default="", max_length=40, description="a sound preset: podcast, audiobook, video, clean")
    name: str = Field(default="", max_length=200)
    speakers: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_SPEAKERS,
        description="voices by the names that lines of a dialogue begin with (ANNA: …); '' is the main voice",
    )
    passage: tuple[int, int] | None = Field(
        default=None, description="only the sentences between these two places of the cleaned text; the rest is context"
    )
    draft: bool = Field(default=False, description="a preview of about 10 s, not kept in the library")
    seed: int | None = Field(
        default=None, ge=0, le=2**31 - 1, description="for engines that draw lots; of espeak only the breath noise"
    )

    @field_validator("text", mode="before")
    @classmethod
    def _cleaned(cls, text: object) -> str:
        if not isinstance(text, str):
            raise UserError("The text to speak is missing.", "Give the text as a string.")
        return clean(text)

    @field_validator("speakers")
    @classmethod
    def _named(cls, speakers: dict[str, str]) -> dict[str, str]:
        from core.voice.speakers import checked  # which knows voices, defined here

        return checked(speakers)


Request = TypeVar("Request", bound=SpeechRequest)


def speech_request(**values: Any) -> SpeechRequest:
    """A SpeechRequest, or one UserError that names the first value that cannot work and what is allowed."""
    return checked(SpeechRequest, values)


def checked(kind: type[Request], values: Mapping[str, Any]) -> Request:
    """The same for whatever holds more than one speech."""
    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "request"
        if first["type"] == "missing":
            raise UserError(f"{where} is missing.", "Give at least the text to speak.") from None
        if first["type"] == "extra_forbidden":
            allowed = ", ".join(kind.model_fields)
            raise UserError(f"Unknown setting {where!r} for speech.", f"Allowed: {allowed}.") from None
        shown = repr(first.get("input"))
        shown = shown if len(shown) <= 60 else shown[:57] + "…"
        reason = str(first["msg"]).removeprefix("Input ")
        raise UserError(f"{where} = {shown} cannot be used.", f"{where} {reason}.") from None


@dataclass(frozen=True)
class Voice:
    id: str
    """`provider:engine voice`, such as espeak:en-us+f3. Stable: stored with every asset."""
    name: str
    provider: str
    tier: Tier
    language: str
    """The code the engine speaks: en-us, fr, hi, cmn."""
    language_name: str
    """English name without the accent: English, French, Hindi."""
    accent: str
    gender: Gender
    style: str
    """One or two words: low, bright, warm, whisper."""
    age: str = ""
    sample_text: str = ""
    """A sentence in the voice's own language, for its preview."""
    pitch_hz: float = 0.0
    """Measured median F0 of the sample; 0 where it was not measured."""
    curated: bool = False
    """Chosen by hand and shown first; otherwise listed by the engine."""
    engine: Mapping[str, Any] = field(default_factory=dict)
    """What its provider needs to speak with it; opaque to everyone else."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class WordTime:
    word: str
    """As written in the source text, before any respelling, with the punctuation that touches it."""
    start_s: float
    end_s: float
    source: int = -1
    """Offset of the word's first character in the cleaned request text; -1 where unknown."""
    breaks: Literal["", "clause", "sentence", "paragraph"] = ""
    """What ends after this word: where captions prefer to break."""


@dataclass(frozen=True)
class Caption:
    start_s: float
    end_s: float
    text: str
    """One or two lines, joined by a newline."""
    words: tuple[WordTime, ...] = ()
