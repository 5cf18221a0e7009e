"""A project document: tracks, clips, ducking, markers, comments. Versioned; a mix is a render of one version."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.audio.chain import DEFAULTS
from core.rights.platforms import Platform

TrackRole = Literal["voice", "music", "effects"]
ClipType = Literal["audio", "video"]
MarkerKind = Literal["marker", "scene", "beat"]
PartId = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_-]*$")]
"""Of a track, clip or marker: unique in its document and the same in every version of it. "" only until it is read."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def decibels(volume: Any) -> float | None:
    """Of a factor; None for silence."""
    if isinstance(volume, bool) or not isinstance(volume, int | float) or not 0 <= volume <= 15.8:
        raise ValueError("volume goes from 0 to 15.8; 1 leaves the sound as it is")
    return max(-60.0, round(20 * math.log10(volume), 4)) if volume > 0 else None


def other_names(data: Any) -> Any:
    """The names of the audio studio's document in ours: {type, asset_id, url, start, duration, volume}."""
    if not isinstance(data, dict):
        return data
    values = {name: value for name, value in data.items() if name != "url"}
    for given, ours in (("start", "start_s"), ("duration", "duration_s")):
        if given in values:
            values.setdefault(ours, values.pop(given))
    if "volume" in values:
        gain_db = decibels(values.pop("volume"))
        values.update({"mute": True} if gain_db is None else {"gain_db": gain_db})
    return values


class Clip(_Part):
    """A piece of an asset on the time line. `start`, `duration` and `volume` (1.0: as it is) are taken too."""

    id: PartId = ""
    type: ClipType = Field(
        default="audio", description="video: its pictures are shown; its sound is mixed if it has one"
    )
    asset_id: str
    start_s: float = Field(default=0.0, ge=0, le=36_000)
    offset_s: float = Field(default=0.0, ge=0, le=36_000, description="where in the asset it begins")
    duration_s: float | None = Field(default=None, gt=0, le=36_000, description="None: to the asset's end")
    gain_db: float = Field(default=0.0, ge=-60, le=24)
    fade_in_s: float = Field(default=0.0, ge=0, le=60)
    fade_out_s: float = Field(default=0.0, ge=0, le=60)
    pan: float = Field(default=0.0, ge=-1, le=1, description="added to its track's")
    mute: bool = False
    loop: bool = Field(default=False, description="repeat to the end of the piece")

    @model_validator(mode="before")
    @classmethod
    def _names(cls, data: Any) -> Any:
        return other_names(data)


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
    id: PartId = ""
    name: str = Field(max_length=100)
    role: TrackRole
    clips: tuple[Clip, ...] = ()
    gain_db: float = Field(default=0.0, ge=-60, le=24)
    level_lufs: float | None = Field(
        default=None, ge=-60, le=-5, description="bring every clip to this first, so that gain means the same for all"
    )
    pan: float = Field(default=0.0, ge=-1, le=1)
    mute: bool = False
    solo: bool = Field(default=False, description="while any track is solo, only those are heard")
    effects: tuple[Effect, ...] = Field(default=(), max_length=16, description="in order, before gain and pan")
    duck: Duck | None = None


class Marker(_Part):
    id: PartId = ""
    kind: MarkerKind = "marker"
    at_s: float = Field(ge=0)
    label: str = Field(default="", max_length=200)


class Comment(_Part):
    at_s: float = Field(ge=0)
    by: str = Field(max_length=100)
    text: str = Field(max_length=2000)


class PlannedUse(_Part):
    """What the piece is made for: the rights of all that is heard in it are looked at with this."""

    platform: Platform
    commercial: bool = True
    territory: str = Field(default="worldwide", min_length=1, max_length=40)
    channel: str = Field(default="", max_length=200)
    medium: str = Field(default="", max_length=40, description="such as online, advertising, film")
    audience: int | None = Field(default=None, ge=0, le=2**40, description="how many people it is to reach")
    on: date | None = Field(default=None, description="when it is published; left out: the day it is asked")


_P = TypeVar("_P", Track, Clip, Marker)


class Document(_Part):
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    comments: tuple[Comment, ...] = ()
    loudness: str = Field(default="streaming", description="a preset of data/reference/loudness.yaml")
    length_s: float | None = Field(default=None, gt=0, le=36_000, description="None: as long as its contents")
    planned_use: PlannedUse | None = Field(
        default=None, description="a final render is refused, and a draft says what it lacks, while it is not cleared"
    )
    restores: int | None = Field(default=None, ge=1, description="the version that undo, redo or restore brought back")

    @model_validator(mode="after")
    def _has_something(self) -> Document:
        if len(self.tracks) > 64 or sum(len(track.clips) for track in self.tracks) > 2000:
            raise ValueError("at most 64 tracks and 2,000 clips")
        if len(self.markers) > 4000:
            raise ValueError("at most 4,000 markers")
        self._name_parts()
        return self

    def clips(self) -> Iterator[tuple[Track, Clip]]:
        return ((track, clip) for track in self.tracks for clip in track.clips)

    def _name_parts(self) -> None:
        """Documents from before there were ids get some by their places, so that every reading gives the same ones."""
        ids = [track.id for track in self.tracks] + [clip.id for _, clip in self.clips()]
        ids += [marker.id for marker in self.markers]
        given = [each for each in ids if each]
        taken = set(given)
        if len(taken) < len(given):
            twice = next(each for each in given if given.count(each) > 1)
            raise ValueError(f"two parts have the id {twice!r}")

        def named(parts: tuple[_P, ...], letter: str, start: int = 1) -> tuple[_P, ...]:
            return tuple(
                part if part.id else part.model_copy(update={"id": _free(f"{letter}{number}", taken)})
                for number, part in enumerate(parts, start)
            )

        if len(given) == len(ids):
            return
        tracks, count = [], 1
        for track in named(self.tracks, "t"):
            tracks.append(track.model_copy(update={"clips": named(track.clips, "c", count)}))
            count += len(track.clips)
        # Frozen for everybody else; this is still its making.
        object.__setattr__(self, "tracks", tuple(tracks))
        object.__setattr__(self, "markers", named(self.markers, "m"))


def _free(wanted: str, taken: set[str]) -> str:
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    taken.add(found)
    return found


class MixRequest(_Part):
    project_id: str
    version: int
    name: str = Field(default="", max_length=200)
    stems: bool = True
    draft: bool = False
