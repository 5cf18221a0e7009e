"""What an audition is asked for: a track, and the stretch of a clip that it is heard under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.kit.errors import UserError
from core.video.types import Clip, Scene

LONGEST_S, USUAL_S, SHORTEST_S = 120.0, 30.0, 1.0
"""Of the stretch: a preview is seldom longer than half a minute."""


@dataclass(frozen=True)
class Candidate:
    """A track of a catalogue, or a piece of the library."""

    name: str
    provider: str = ""
    track_id: str = ""
    asset_id: str = ""
    """Of the library's piece; of a track's preview it is known once it was brought in."""

    @property
    def ref(self) -> str:
        return f"{self.provider}:{self.track_id}" if self.provider else f"library:{self.asset_id}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Candidate:
        return cls(**{name: str(row.get(name) or "") for name in cls.__dataclass_fields__})


class Under(BaseModel):
    """A stretch of a clip, and how the music lies under it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    clip_id: str = Field(default="", max_length=60)
    scene_id: str = Field(
        default="", max_length=60, description="instead of a start: from its first picture to its last"
    )
    start_s: float = Field(default=0.0, ge=0, le=86_400)
    seconds: float | None = Field(default=None, ge=SHORTEST_S, le=LONGEST_S, description="None: the scene's, or 30")
    music_start_s: float = Field(default=0.0, ge=0, le=3600, description="where in the track it begins")
    duck_db: float = Field(default=10.0, ge=0, le=40, description="how far it steps back under speech")


def under(**values: Any) -> Under:
    try:
        return Under.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the stretch"
        raise UserError(f"{where}: {first['msg']}.", "Correct that value.", "bad_stretch") from None


def stretch(wanted: Under, clip: Clip, scene: Scene | None) -> tuple[float, float]:
    """(start, seconds) in the clip; never beyond its end."""
    start = scene.start_s + wanted.start_s if scene is not None else wanted.start_s
    end = scene.end_s if scene is not None else clip.seconds
    if start > end - SHORTEST_S and not (wanted.start_s == 0 and end > start):
        what = f"Scene {scene.number}" if scene is not None else "The clip"
        raise UserError(
            f"{what} ends at {end:g} s: nothing is left of it from {start:g} s on.", "Begin earlier.", "past_end"
        )
    usual = scene.seconds if scene is not None else USUAL_S
    longest = clip.seconds - start if wanted.seconds is not None else end - start
    return round(start, 4), round(min(wanted.seconds or min(usual, LONGEST_S), longest), 4)
