"""A licence as a person enters it, a paper says it or a vendor sends it: checked once, here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.kit.clock import today
from core.kit.errors import UserError
from core.kit.words import one_line
from core.rights.platforms import Platform
from core.store.track_licences import LICENSEES

Kind = Literal["subscription", "per-project", "per-track", "cc", "own", "other"]
Licensee = Literal["user", "team", "customer", "channel"]
PLATFORMS: tuple[str, ...] = tuple(each for each in get_args(Platform) if each != "private")
MEDIA = ("online", "advertising", "film", "broadcast", "podcast", "game", "live", "app")
MOST = 100
"""Of projects, channels or territories in one licence."""


class LicenceEntry(BaseModel):
    """What is licensed, to whom, for what, and from when to when. Empty lists are no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(min_length=1, max_length=40)
    track_id: str = Field(min_length=1, max_length=200, description="* for every track of the catalogue")
    title: str = Field(default="", max_length=200)
    artist: str = Field(default="", max_length=200)
    kind: Kind = "per-track"
    licensee_kind: Licensee = "user"
    licensee: str = Field(default="", max_length=200, description="a team's id, or the name of the customer or channel")
    projects: tuple[str, ...] = Field(default=(), max_length=MOST)
    platforms: tuple[str, ...] = Field(default=(), max_length=MOST)
    territories: tuple[str, ...] = Field(default=(), max_length=MOST)
    media: tuple[str, ...] = Field(default=(), max_length=MOST)
    channels: tuple[str, ...] = Field(default=(), max_length=MOST)
    audience_max: int | None = Field(default=None, ge=1, le=2**31 - 1)
    commercial: bool = True
    derivatives: bool = Field(default=True, description="it may be mixed, cut and put to picture")
    single_use: bool = Field(default=False, description="for one published piece")
    keeps_published: bool = Field(default=False, description="what was published while it ran stays covered")
    code: str = Field(default="", max_length=100, description="that the platform asks for with the piece")
    attribution: str = Field(default="", max_length=1000)
    conditions: tuple[str, ...] = Field(default=(), max_length=MOST)
    starts_on: date = Field(default_factory=today)
    ends_on: date | None = None
    zone: str = Field(default="UTC", max_length=40)
    price_usd: Decimal = Field(default=Decimal(0), ge=0, le=1_000_000, max_digits=12, decimal_places=6)
    certificate: str = Field(default="", max_length=200)

    @field_validator("provider", "track_id", "title", "artist", "licensee", "code", "certificate", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return one_line(value, 1000) if isinstance(value, str) else value

    @field_validator("platforms")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if each not in PLATFORMS:
                raise ValueError(f"there is no platform {each[:40]!r}; choose from {', '.join(PLATFORMS)}")
        return value

    @field_validator("media")
    @classmethod
    def _known_media(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if each not in MEDIA:
                raise ValueError(f"there is no medium {each[:40]!r}; choose from {', '.join(MEDIA)}")
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value[:40]!r}; write it as Europe/Paris") from None
        return value

    @model_validator(mode="after")
    def _agrees(self) -> LicenceEntry:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"it ends on {self.ends_on}, before it begins on {self.starts_on}")
        if self.licensee_kind != "user" and not self.licensee:
            raise ValueError(f"name the {self.licensee_kind} it was given to (licensee)")
        return self

    def row(self) -> dict[str, Any]:
        """Columns of core.store.track_licences."""
        values = self.model_dump()
        for name in ("projects", "platforms", "territories", "media", "channels", "conditions"):
            values[name] = list(dict.fromkeys(values[name]))
        values["starts_on"] = self.starts_on.isoformat()
        values["ends_on"] = self.ends_on.isoformat() if self.ends_on else None
        return values


assert set(get_args(Licensee)) == set(LICENSEES)


def entry(values: Mapping[str, Any]) -> LicenceEntry:
    """A LicenceEntry, or one UserError that says which value cannot be and why."""
    try:
        return LicenceEntry.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the licence"
        said = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(f"{where}: {said}.", "Correct it and enter the licence again.", "bad_licence") from None
