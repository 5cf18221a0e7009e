"""What is asked for when a clip is scored. Checked once, here."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.audio import loudness
from core.flows.recommending.cues import MOST, Cue
from core.kit.errors import UserError
from core.store.assets import Asset
from core.video.types import Clip

MOST_CUES = MOST


class ScoreRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    clip_id: str = Field(max_length=60)
    cues: tuple[Cue, ...] = Field(default=(), max_length=MOST_CUES, description="left out: as planned for the clip")
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    one: bool = Field(default=False, description="one piece under the whole clip")
    provider: str | None = Field(default=None, max_length=60, description="engine of music; left out: the embedded one")
    quality: str = Field(default="", max_length=20)
    voice: str | None = Field(default=None, max_length=60, description="id of a recording laid over the clip")
    text: str = Field(default="", max_length=20_000, description="spoken over the clip instead")
    speaker: str = Field(default="", max_length=120, description="voice that speaks the text")
    voice_start_s: float = Field(default=0.5, ge=0, le=36_000)
    keep_sound: bool = Field(default=True, description="the clip's own sound stays under the music")
    sound_gain_db: float = Field(default=0.0, ge=-60, le=24)
    music_gain_db: float = Field(default=-4.0, ge=-60, le=24)
    duck_db: float = Field(default=10.0, ge=0, le=40, description="how far the music steps back under speech")
    loudness: str = Field(default="video", max_length=40)
    stems: bool = True
    name: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _one_voice(self) -> ScoreRequest:
        if self.voice and self.text.strip():
            raise ValueError("give a recording or a text to speak, not both")
        for before, after in zip(self.cues, self.cues[1:], strict=False):
            if after.start_s < before.end_s - 0.01:
                raise ValueError(f"the cue at {after.start_s:g} s begins before the one before it ends")
        if any(cue.end_s - cue.start_s < 1 for cue in self.cues):
            raise ValueError("a cue of less than a second cannot be made")
        return self


def score_request(**values: Any) -> ScoreRequest:
    """One UserError that names the first value that cannot work."""
    try:
        request = ScoreRequest(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(
            f"{where}: {said}." if where else f"{said[:1].upper()}{said[1:]}.", "Correct that value."
        ) from None
    loudness.target(request.loudness)
    return request


def fits(voice: Asset, request: ScoreRequest, clip: Clip) -> None:
    """UserError for what is no voice, or does not end within the clip."""
    if not voice.sounds:
        raise UserError(f"“{voice.name}” has no sound.", "Choose a recording of a voice.")
    over = request.voice_start_s + (voice.duration_s or 0.0) - clip.seconds
    if over > 0.05:
        raise UserError(
            f"The voice runs {over:.1f} s over the end of the clip.",
            "Start it earlier, shorten the text, or speak faster.", "voice_too_long",
        )  # fmt: skip
