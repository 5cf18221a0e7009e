"""What is recommended for a scene or a clip, and why."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.music.types import Genre, Intensity, Mood


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Choice(_Part):
    """One way to score it. Several are offered, likeliest first."""

    mood: Mood
    genre: Genre
    intensity: Intensity
    bpm: float
    share: float = Field(description="of all that speaks for the choices offered, 0 to 1")
    why: str


class Recommendation(_Part):
    mood: Mood
    genre: Genre
    intensity: Intensity
    seconds: float
    bpm: float
    confidence: float = Field(description="0 to 1: how sure the kind of scene is, and how far this choice is ahead")
    why: str = Field(description="what was measured, and what follows from it")
    landing: str = Field(default="", description="how near the cuts are to beats and bars, in frames")
    under_speech: bool = Field(default=False, description="people speak: the music is to step back")
    choices: tuple[Choice, ...] = ()
    learned: tuple[str, ...] = Field(default=(), description="what was kept before and shifted the order, with counts")


class Kept(_Part):
    """What became of earlier recommendations of a genre for this kind of scene."""

    scene_type: str
    genre: str
    kept: int
    made: int
