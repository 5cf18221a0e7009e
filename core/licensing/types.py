"""The nouns of licensed music: a track of a catalogue, what is asked of one, and the terms that come with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Vocals = Literal["any", "vocal", "instrumental"]
Sort = Literal["relevance", "title", "duration", "bpm", "newest", "popular"]
LONGEST_TEXT = 200
MOST_PER_PAGE = 100


@dataclass(frozen=True)
class Terms:
    """What a catalogue says of a track's licence. What one really holds is a row of `core.store.track_licences`."""

    kind: str
    """cc | subscription | per-project | per-track | own"""
    id: str = ""
    """Of an open licence: cc-by-4.0, cc0-1.0, pdm-1.0, sampling+-1.0. Otherwise the provider's own name of it."""
    title: str = ""
    url: str = ""
    commercial: bool = False
    derivatives: bool = True
    """False: it may not be put to picture, cut or mixed, only handed on as it is."""
    share_alike: bool = False
    attribution: str = ""
    """The line to print; empty where none is asked for."""
    conditions: tuple[str, ...] = ()
    """What else has to be known, a sentence each."""


@dataclass(frozen=True)
class Track:
    """One piece in a catalogue. Plain data: it travels through the cache and the synced copy as JSON."""

    provider: str
    id: str
    title: str
    artist: str = ""
    album: str = ""
    composer: str = ""
    publisher: str = ""
    isrc: str = ""
    duration_s: float | None = None
    bpm: float | None = None
    key: str = ""
    """As the studio writes keys: "A minor"."""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    vocals: bool | None = None
    """None: the catalogue does not say."""
    explicit: bool | None = None
    popularity: float | None = None
    released: str = ""
    """ISO date."""
    page_url: str = ""
    preview_url: str = ""
    """May expire: asked for again before it is used."""
    image_url: str = ""
    price_usd: str | None = None
    """Decimal string for one licence, where the catalogue states it."""
    terms: Terms = field(default_factory=lambda: Terms("unknown"))
    preview_only: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    """What only this catalogue knows: ids of audio files, highlights, source page, …"""

    @property
    def ref(self) -> str:
        return f"{self.provider}:{self.id}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Track:
        """From a cache or the synced copy: what is no field (any more) is left out."""
        names = {each.name for each in fields(cls)}
        known = {name: value for name, value in row.items() if name in names}
        for name in ("genres", "moods", "instruments", "tags"):
            known[name] = tuple(known.get(name) or ())
        terms = dict(known.get("terms") or {"kind": "unknown"})
        term_names = {each.name for each in fields(Terms)}
        terms = {name: value for name, value in terms.items() if name in term_names}
        terms["conditions"] = tuple(terms.get("conditions") or ())
        return cls(**(known | {"terms": Terms(**terms)}))


class Search(BaseModel):
    """What one box asks of every catalogue. Lists mean "any of these"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(default="", max_length=LONGEST_TEXT)
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    bpm_min: float | None = Field(default=None, ge=0, le=400)
    bpm_max: float | None = Field(default=None, ge=0, le=400)
    key: str = ""
    seconds_min: float | None = Field(default=None, ge=0)
    seconds_max: float | None = Field(default=None, ge=0)
    vocals: Vocals = "any"
    licences: tuple[str, ...] = ()
    """Kinds of terms, or ids of open licences: "cc", "cc-by-4.0", "subscription"."""
    commercial: bool = False
    """Only what may be used commercially."""
    to_picture: bool = False
    """Only what may be put to picture (no-derivatives licences are left out)."""
    price_max_usd: float | None = Field(default=None, ge=0)
    providers: tuple[str, ...] = ()
    """Empty: every one that is ready."""
    sort: Sort = "relevance"
    page: int = Field(default=1, ge=1, le=500)
    page_size: int = Field(default=20, ge=1, le=MOST_PER_PAGE)

    @model_validator(mode="after")
    def _agrees(self) -> Search:
        for low, high, what in (
            (self.bpm_min, self.bpm_max, "tempo"),
            (self.seconds_min, self.seconds_max, "length"),
        ):
            if low is not None and high is not None and low > high:
                raise ValueError(f"the lowest {what} ({low:g}) is above the highest ({high:g})")
        return self


@dataclass(frozen=True)
class TrackPage:
    tracks: tuple[Track, ...]
    total: int | None = None
    """None: the catalogue does not count."""
    more: bool = False
    notes: tuple[str, ...] = ()
    """What the catalogue could not obey ("knows no tempo: filtered here"), or what it warned of."""
