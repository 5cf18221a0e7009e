"""Music over REST: compose, read a prompt, presets and choices."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import KNOWN, SUBMITTED, Making, Submission, TheStudio
from core.api.voice import given
from core.music.composer.instruments import INSTRUMENTS
from core.music.service import ENDINGS, GENRES, INTENSITIES, MOODS
from core.music.types import MusicRequest, Reading

router = APIRouter(tags=["music"])


class Compose(Making, MusicRequest):
    """What it should sound like. What is left open the composer chooses from prompt, mood and genre."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [{"prompt": "calm ambient piano for a rainy evening", "seconds": 30, "seed": 7}]},
    )  # fmt: skip

    seconds: float | None = Field(  # type: ignore[assignment]
        default=None, ge=3, le=600, allow_inf_nan=False, description="30 unless the prompt says otherwise"
    )
    provider: str | None = Field(default=None, max_length=60, description="this engine and no other")
    quality: str = Field(
        default="", max_length=20, description="draft: free, at once; standard: the best without cash; premium: the best within the caps"
    )  # fmt: skip
    hear: bool = Field(default=False, description="to be heard while it is made, at /api/music/stream/{job_id}")


class Prompt(Asked):
    prompt: str = Field(max_length=2000, examples=["dark techno, 128 bpm, no drums"])


class ReadingOut(BaseModel):
    """How a prompt is understood, before anything is made."""

    mood: str | None
    genre: str | None
    bpm: float | None
    key: str | None
    intensity: str | None
    instruments: list[str]
    excluded: list[str]
    seconds: float | None
    not_understood: list[str]

    @classmethod
    def of(cls, reading: Reading) -> ReadingOut:
        return cls.model_validate(reading.as_dict())


class PresetOut(BaseModel):
    id: str
    name: str
    prompt: str
    icon: str


class Presets(BaseModel):
    presets: list[PresetOut]


class Choices(BaseModel):
    moods: list[str]
    genres: list[str]
    intensities: list[str]
    endings: list[str]
    instruments: list[str]


@router.post("/api/music/compose", status_code=202, responses=SUBMITTED)
async def compose(body: Compose, door: Submission) -> JSONResponse:
    """Compose a piece: the music, its stems and its MIDI file."""
    return await door.make(lambda: door.studio.music.compose(door.actor, idempotency_key=door.key, **given(body)))


@router.post("/api/music/read", dependencies=[KNOWN])
def read(body: Prompt, studio: TheStudio) -> ReadingOut:
    """How a prompt is understood."""
    return ReadingOut.of(studio.music.read(body.prompt))


@router.get("/api/music/presets", dependencies=[KNOWN])
@router.get("/api/audio-studio/music/presets", dependencies=[KNOWN])
def presets(studio: TheStudio) -> Presets:
    """Prompts to start from."""
    return Presets(presets=[PresetOut(**each.__dict__) for each in studio.music.presets()])


@router.get("/api/music/choices", dependencies=[KNOWN])
def choices() -> Choices:
    """Every value that mood, genre, intensity, ending and instruments may take."""
    return Choices(
        moods=list(MOODS), genres=list(GENRES), intensities=list(INTENSITIES), endings=list(ENDINGS),
        instruments=list(INSTRUMENTS),
    )  # fmt: skip
