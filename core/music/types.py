"""What a music request is, and what comes back. Validated once, here; inside, everything is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Mood = Literal[
    "calm", "happy", "inspiring", "energetic", "dark", "sad", "tense", "romantic", "epic", "playful", "nostalgic"
]
Genre = Literal[
    "ambient", "cinematic", "electronic", "lo-fi", "hip-hop", "rock", "pop", "corporate", "folk", "jazz", "house",
    "orchestral",
]  # fmt: skip
Intensity = Literal["low", "medium", "high"]
Ending = Literal["resolve", "fade", "cut"]
"""resolve: a final cadence on the tonic that rings out; fade: fade out; cut: stop dead on the last beat."""


class MusicRequest(BaseModel):
    """Everything optional but the length: what is left open is chosen by the composer from prompt, mood and genre.
    Limits are refused with a UserError by music.service before this model is built from a person's input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str = Field(default="", max_length=2000)
    mood: Mood | None = None
    genre: Genre | None = None
    bpm: float | None = Field(default=None, ge=40, le=220, allow_inf_nan=False)
    key: str | None = Field(default=None, description="'D minor', 'F# major', 'Bb major'")
    seconds: float = Field(default=30.0, ge=3, le=600, allow_inf_nan=False)
    intensity: Intensity | None = None
    instruments: tuple[str, ...] = Field(default=(), description="ids of composer instruments to feature")
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    loopable: bool = False
    ending: Ending = "resolve"
    stems: bool = True
    name: str = Field(default="", max_length=200)
    draft: bool = Field(default=False, description="a preview: not kept in the library")
    preset: str | None = None


@dataclass(frozen=True)
class Reading:
    """How a prompt was understood. Shown to the user, who may correct any field."""

    mood: Mood | None
    genre: Genre | None
    bpm: float | None
    key: str | None
    intensity: Intensity | None
    instruments: tuple[str, ...]
    excluded: tuple[str, ...]
    """Instruments or roles the prompt rules out ('no drums', 'sans batterie')."""
    seconds: float | None
    not_understood: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
