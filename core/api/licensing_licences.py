"""Licences of catalogue tracks over REST: enter, validate, order, prove, watch their ends, hear news, and print."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import SUBMITTED, Submission, TheStudio, Who
from core.kit.errors import UserError
from core.licensing.entries import LicenceEntry
from core.licensing.licences import Licence
from core.licensing.radar import Ending
from core.rights.gate import Use, Verdict
from core.rights.platforms import Platform
from core.store.track_uses import TrackUse

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
Id = Annotated[str, Path(max_length=60, examples=["licence_01kc0s3t9v6xj4m2n8q5r7w1yz"])]


class LicenceOut(BaseModel):
    id: str
    provider: str
    track_id: str
    title: str
    artist: str
    kind: str
    licensee_kind: str
    licensee: str
    projects: list[str]
    platforms: list[str]
    territories: list[str]
    media: list[str]
    channels: list[str]
    audience_max: int | None
    commercial: bool
    derivatives: bool
    single_use: bool
    keeps_published: bool
    code: str
    attribution: str
    conditions: list[str]
    starts_on: str
    ends_on: str | None
    zone: str
    price_usd: str
    certificate: str
    proof_asset_id: str | None
    proof_sha256: str | None
    proof_name: str
    status: Literal["valid", "upcoming", "expiring", "expired", "revoked", "unknown"]
    status_why: str
    uses: int = Field(description="published pieces' uses that rest on it")
    mine: bool

    @classmethod
    def of(cls, found: Licence, who: str) -> LicenceOut:
        row = found.row
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name) and name != "price_usd"}
        return cls(
            **same, price_usd=f"{row.price_usd:f}", status=found.standing, status_why=row.state_why, uses=found.uses,
            mine=row.user_id == who,
        )  # fmt: skip


class LicenceList(BaseModel):
    licences: list[LicenceOut]


class LicenceBody(Asked, LicenceEntry):
    """A licence one holds. Empty lists are no limit."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [{
            "provider": "own", "track_id": "sunrise-01", "title": "Sunrise", "artist": "A. Composer",
            "kind": "per-track", "platforms": ["youtube", "web"], "starts_on": "2026-11-01", "ends_on": "2027-10-31",
            "price_usd": "0", "certificate": "A-1009",
        }]},
    )  # fmt: skip


class Changes(Asked):
    """What is not sent stays."""

    fields: dict[str, Any] = Field(max_length=40, examples=[{"ends_on": "2027-01-31", "certificate": "A-1009"}])


class Why(Asked):
    why: str = Field(default="", max_length=300)


class Proof(Asked):
    asset_id: str = Field(max_length=60, description="a document of the library")


class BoughtBody(Asked):
    price_usd: Decimal | None = Field(default=None, ge=0, le=100_000, description="what it cost, where that differs")
    certificate: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=100)


class Planned(Asked):
    """What somebody means to do with a track, a project, or a piece of the library: one of the three."""

    provider: str = Field(default="", max_length=40)
    track_id: str = Field(default="", max_length=200)
    project_id: str = Field(default="", max_length=60)
    asset_id: str = Field(default="", max_length=60)
    platform: Platform = "youtube"
    commercial: bool = True
    territory: str = Field(default="worldwide", max_length=40)
    channel: str = Field(default="", max_length=200)
    medium: str = Field(default="", max_length=40)
    audience: int | None = Field(default=None, ge=0, le=2**40)
    on: date | None = None

    def use(self) -> Use:
        given = {"on": self.on} if self.on else {}
        return Use(
            platform=self.platform, commercial=self.commercial, territory=self.territory, channel=self.channel,
            medium=self.medium, audience=self.audience, project=self.project_id, **given,
        )  # fmt: skip


class ClearanceOut(BaseModel):
    valid: bool
    reasons: list[str]
    steps: list[str] = Field(description="what would clear it")
    licence_ids: list[str] = Field(description="on which it rests")
    credits: list[str] = Field(description="lines to publish with it")
    codes: list[str] = Field(description="what the platform has to be given")

    @classmethod
    def of(cls, verdict: Verdict) -> ClearanceOut:
        return cls(
            valid=verdict.allowed, reasons=list(verdict.reasons), steps=list(verdict.steps),
            licence_ids=[licence for _, licence in verdict.rests_on], credits=list(verdict.credits),
            codes=list(verdict.codes),
        )  # fmt: skip


class UseOut(BaseModel):
    id: str
    provider: str
    track_id: str
    title: str
    artist: str
    asset_id: str
    output_asset_id: str
    output_name: str
    project_id: str
    licence_id: str | None
    platform: str
    channel: str
    territory: str
    commercial: bool
    used_on: str
    reference: str

    @classmethod
    def of(cls, use: TrackUse) -> UseOut:
        return cls(**{name: getattr(use, name) for name in cls.model_fields})


class UseList(BaseModel):
    uses: list[UseOut]


class PublishedAt(Asked):
    asset_id: str = Field(max_length=60)
    address: str = Field(min_length=1, max_length=500)


class EndingOut(BaseModel):
    licence_id: str
    provider: str
    track_id: str
    title: str
    ends_on: str | None
    zone: str = Field(description="whose day the end is")
    keeps_published: bool
    days_left: int | None
    status: str
    touched: list[UseOut] = Field(description="published pieces it leaves uncovered")
    kept: list[UseOut] = Field(description="published pieces that stay covered")

    @classmethod
    def of(cls, found: Ending) -> EndingOut:
        row = found.licence
        return cls(
            licence_id=row.id, provider=row.provider, track_id=row.track_id, title=row.title, ends_on=row.ends_on,
            zone=row.zone, keeps_published=row.keeps_published, days_left=found.days_left, status=found.standing, touched=[UseOut.of(use) for use in found.touched],
            kept=[UseOut.of(use) for use in found.kept],
        )  # fmt: skip


class RadarOut(BaseModel):
    endings: list[EndingOut]


class Simulation(Asked):
    licence_ids: list[str] = Field(min_length=1, max_length=500)
    ends_on: date


class CheckedOut(BaseModel):
    looked: int
    expiring: int
    ended: int
    told: int


class Bring(Asked):
    provider: str = Field(max_length=40)
    track_id: str = Field(max_length=200)
    form: Literal["preview", "full"] = "preview"


@router.post("/licenses", status_code=201)
def add_licence(body: LicenceBody, studio: TheStudio, actor: Who) -> LicenceOut:
    return LicenceOut.of(studio.licences.add(actor, _entry(body)), actor.user_id)


@router.get("/licenses")
def list_licences(
    studio: TheStudio, actor: Who, provider: str = "", track_id: str = "", status: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200, offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> LicenceList:  # fmt: skip
    """One's own, those of one's teams and what was shared. Those that end first come first."""
    found = studio.licences.list(
        actor, provider=provider[:40], track_id=track_id[:200], status=status, limit=limit, offset=offset
    )
    return LicenceList(licences=[LicenceOut.of(each, actor.user_id) for each in found])


@router.get("/licenses/{licence_id}")
def show_licence(licence_id: Id, studio: TheStudio, actor: Who) -> LicenceOut:
    return LicenceOut.of(studio.licences.get(actor, licence_id), actor.user_id)


@router.patch("/licenses/{licence_id}")
def change_licence(licence_id: Id, body: Changes, studio: TheStudio, actor: Who) -> LicenceOut:
    return LicenceOut.of(studio.licences.change(actor, licence_id, body.fields), actor.user_id)


@router.delete("/licenses/{licence_id}", status_code=204)
def remove_licence(licence_id: Id, studio: TheStudio, actor: Who) -> None:
    """One that nothing published rests on; revoke the others."""
    studio.licences.remove(actor, licence_id)


@router.post("/licenses/{licence_id}/revoke")
def revoke_licence(licence_id: Id, body: Why, studio: TheStudio, actor: Who) -> LicenceOut:
    return LicenceOut.of(studio.licences.revoke(actor, licence_id, body.why), actor.user_id)


@router.put("/licenses/{licence_id}/proof")
def prove_licence(licence_id: Id, body: Proof, studio: TheStudio, actor: Who) -> LicenceOut:
    return LicenceOut.of(studio.licences.prove(actor, licence_id, body.asset_id), actor.user_id)


@router.post("/orders", status_code=201)
def order_licence(body: LicenceBody, studio: TheStudio, actor: Who) -> LicenceOut:
    """Hold its price under every cap while a person buys it; it covers nothing until that is confirmed."""
    return LicenceOut.of(studio.purchases.begin(actor, _entry(body)), actor.user_id)


@router.post("/orders/{licence_id}/bought")
def order_bought(licence_id: Id, body: BoughtBody, studio: TheStudio, actor: Who) -> LicenceOut:
    found = studio.purchases.bought(
        actor, licence_id, price_usd=body.price_usd, certificate=body.certificate, code=body.code
    )
    return LicenceOut.of(found, actor.user_id)


@router.delete("/orders/{licence_id}", status_code=204)
def order_not_bought(licence_id: Id, studio: TheStudio, actor: Who) -> None:
    studio.purchases.not_bought(actor, licence_id)


@router.post("/validate")
def validate(body: Planned, studio: TheStudio, actor: Who) -> ClearanceOut:
    """Before a track is used, a project rendered, or a piece published: may it be, on which licence, and what is missing."""
    use = body.use()
    if body.asset_id:
        return ClearanceOut.of(studio.library.may(actor, body.asset_id, use))
    if body.track_id and body.provider:
        found = studio.licences.validate(actor, body.provider, body.track_id, use)
        return ClearanceOut(
            valid=found.allowed, reasons=list(found.reasons), steps=list(found.steps),
            licence_ids=[found.licence_id] if found.licence_id else [], credits=list(found.credits),
            codes=list(found.codes),
        )  # fmt: skip
    if body.project_id:
        return ClearanceOut.of(studio.licences.check_project(actor, body.project_id, use)[0])
    raise UserError("Nothing says what is to be validated.", "Send provider and track_id, or project_id, or asset_id.")


@router.post("/tracks", status_code=202, responses=SUBMITTED)
async def bring_track(body: Bring, door: Submission) -> JSONResponse:
    """A preview, or the full file, into the library: fetched and paid for once."""
    return await door.make(lambda: door.studio.bringing.submit(door.actor, body.provider, body.track_id, body.form))


@router.get("/uses")
def uses(
    studio: TheStudio, actor: Who, project_id: str = "", asset_id: str = "", startDate: str = "", endDate: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200, offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> UseList:  # fmt: skip
    found = studio.licences.uses(
        actor, project_id=project_id, output_asset_id=asset_id, from_day=startDate, to_day=endDate, limit=limit,
        offset=offset,
    )  # fmt: skip
    return UseList(uses=[UseOut.of(use) for use in found])


@router.post("/uses/published", status_code=204)
def published_at(body: PublishedAt, studio: TheStudio, actor: Who) -> None:
    """Say where a piece was published."""
    studio.library.get(actor, body.asset_id)
    studio.licences.published_at(actor, body.asset_id, body.address)


@router.get("/radar")
def radar(studio: TheStudio, actor: Who, days: Annotated[int, Query(ge=0, le=730)] = 90) -> RadarOut:
    """What ends within so many days, and which published pieces that touches."""
    return RadarOut(endings=[EndingOut.of(each) for each in studio.radar.look(actor, days=days)])


@router.post("/radar/check")
def check_radar(studio: TheStudio, actor: Who) -> CheckedOut:
    """What the worker does each hour, now: tell of what ends, once a stage, and drop validations of what has. Administrators
    only."""
    found = studio.radar.check_now(actor)
    return CheckedOut(looked=found.looked, expiring=found.expiring, ended=found.ended, told=found.told)


@router.post("/radar/simulate")
def simulate(body: Simulation, studio: TheStudio, actor: Who) -> RadarOut:
    """As if these licences ended on that day; nothing is changed."""
    found = studio.radar.simulate(actor, body.licence_ids, body.ends_on)
    return RadarOut(endings=[EndingOut.of(each) for each in found])


def _entry(body: LicenceBody) -> LicenceEntry:
    return LicenceEntry(**{name: getattr(body, name) for name in LicenceEntry.model_fields})
