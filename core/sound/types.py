"""A project document: tracks, clips, ducking, markers, comments. Versioned; a mix is a render of one version."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.audio.chain import DEFAULTS

TrackRole = Literal["voice", "music", "effects"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Clip(_Part):
    asset_id: str
    start_s: float = Field(default=0.0, ge=0, le=36_000)
    offset_s: float = Field(default=0.0, ge=0, le=36_000, description="where in the asset it begins")
    duration_s: float | None = Field(default=None, gt=0, le=36_000, description="None: to the asset's end")
    gain_db: float = Field(default=0.0, ge=-60, le=24)
    fade_in_s: float = Field(default=0.0, ge=0, le=60)
    fade_out_s: float = Field(default=0.0, ge=0, le=60)
    loop: bool = Field(default=False, description="repeat to the end of the piece")


class Span(_Part):
    start_s: float = Field(ge=0, le=36_000)
    end_s: float = Field(ge=0, le=36_000)


class Duck(_Part):
    """Turn this track down while the tracks of role `voice` sound, and in the stretches named."""

    depth_db: float = Field(default=10.0, ge=0, le=40)
    attack_s: float = Field(default=0.25, ge=0.01, le=2)
    release_s: float = Field(default=0.8, ge=0.01, le=5)
    hold_s: float = Field(default=0.5, ge=0, le=5, description="shorter pauses do not bring the music back")
    under: tuple[Span, ...] = Field(
        default=(), max_length=2000, description="where somebody speaks in a track that has more than a voice"
    )


class Effect(_Part):
    """One of core.audio.chain's effects; settings left out stand at their defaults."""

    kind: Literal["low_cut", "high_cut", "compressor", "reverb"]
    settings: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Effect:
        unknown = sorted(set(self.settings) - set(DEFAULTS[self.kind]))
        if unknown:
            raise ValueError(f"{self.kind} has no setting {unknown[0]!r}; it has {', '.join(DEFAULTS[self.kind])}")
        return self


class Track(_Part):
    name: str = Field(max_length=100)
    role: TrackRole
    clips: tuple[Clip, ...] = ()
    gain_db: float = Field(default=0.0, ge=-60, le=24)
    level_lufs: float | None = Field(
        default=None, ge=-60, le=-5, description="bring every clip to this first, so that gain means the same for all"
    )
    pan: float = Field(default=0.0, ge=-1, le=1)
    mute: bool = False
    effects: tuple[Effect, ...] = Field(default=(), max_length=16, description="in order, before gain and pan")
    duck: Duck | None = None


class Marker(_Part):
    at_s: float = Field(ge=0)
    label: str = Field(max_length=200)


class Comment(_Part):
    at_s: float = Field(ge=0)
    by: str = Field(max_length=100)
    text: str = Field(max_length=2000)


class Document(_Part):
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    comments: tuple[Comment, ...] = ()
    loudness: str = Field(default="streaming", description="a preset of data/reference/loudness.yaml")
    length_s: float | None = Field(default=None, gt=0, le=36_000, description="None: as long as its contents")

    @model_validator(mode="after")
    def _has_something(self) -> Document:
        if len(self.tracks) > 64 or sum(len(track.clips) for track in self.tracks) > 2000:
            raise ValueError("at most 64 tracks and 2,000 clips")
        return self


class MixRequest(_Part):
    project_id: str
    version: int
    name: str = Field(default="", max_length=200)
    stems: bool = True
    draft: bool = False
