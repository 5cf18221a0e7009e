"""studio catalogue search|sync|runs: looking for licensed music, and copying catalogues; fit for cron."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.session import ACTOR, ended, say, studio
from core.jobs.timing import zone_here
from core.kit.words import one_line
from core.licensing.asking import SourceState
from core.licensing.matching import search_of
from core.licensing.searching import FoundTracks
from core.licensing.sync import DAILY
from core.licensing.types import Track
from core.store.catalogue_runs import Run
from core.store.jobs import DONE

AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]


class TrackLine(BaseModel):
    provider: str
    id: str
    title: str
    artist: str
    duration_s: float | None
    bpm: float | None
    key: str
    genres: list[str]
    moods: list[str]
    licence: str
    commercial: bool
    price_usd: str | None
    also: list[str]

    @classmethod
    def of(cls, track: Track, also: tuple[Track, ...] = ()) -> TrackLine:
        own = {name: getattr(track, name) for name in cls.model_fields if hasattr(track, name)}
        own |= {"genres": list(track.genres), "moods": list(track.moods), "also": [each.ref for each in also]}
        return cls(**own, licence=track.terms.id or track.terms.kind, commercial=track.terms.commercial)

    @property
    def text(self) -> str:
        length = "" if self.duration_s is None else f"{int(self.duration_s) // 60}:{int(self.duration_s) % 60:02}"
        tempo = "" if self.bpm is None else f"{self.bpm:.0f} BPM"
        parts = (length, tempo, self.key, self.licence, f"${self.price_usd}" if self.price_usd else "")
        name = f"{self.title}, {self.artist}" if self.artist else self.title
        return "  ".join(one_line(each) for each in (f"{self.provider}:{self.id}", name, *parts) if each)


class SourceLine(BaseModel):
    provider: str
    state: str
    count: int
    note: str

    @classmethod
    def of(cls, state: SourceState) -> SourceLine:
        return cls(**{name: getattr(state, name) for name in cls.model_fields})


class FoundLines(BaseModel):
    tracks: list[TrackLine]
    total: int | None
    more: bool
    page: int
    facets: dict[str, dict[str, int]]
    sources: list[SourceLine]
    hint: str

    @classmethod
    def of(cls, found: FoundTracks) -> FoundLines:
        return cls(
            tracks=[TrackLine.of(each, found.also.get(each.ref, ())) for each in found.tracks], total=found.total,
            more=found.more, page=found.page, facets={name: dict(values) for name, values in found.facets.items()},
            sources=[SourceLine.of(each) for each in found.sources], hint=found.hint,
        )  # fmt: skip

    @property
    def text(self) -> str:
        lines = [each.text for each in self.tracks] or ["Nothing was found."]
        lines += [
            f"    {each.provider}: {each.state}. {one_line(each.note, 300)}" for each in self.sources if each.note
        ]
        return "\n".join([*lines, *([self.hint] if self.hint else [])])


class SyncLine(BaseModel):
    job_id: str
    status: str
    result: dict[str, Any]


class SyncRunLine(BaseModel):
    id: str
    provider: str
    state: str
    new: int
    changed: int
    gone: int
    unchanged: int
    errors: list[dict[str, Any]]
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> SyncRunLine:
        return cls(**{name: getattr(run, name) for name in cls.model_fields})

    @property
    def text(self) -> str:
        last = f"  {one_line(self.errors[-1]['message'])}" if self.errors else ""
        counts = f"{self.new} new, {self.changed} changed, {self.gone} gone, {self.unchanged} unchanged"
        return f"{self.started_at:%Y-%m-%d %H:%M}Z  {self.provider:<16} {self.state:<9} {counts}{last}"


class SyncRunLines(BaseModel):
    runs: list[SyncRunLine]
    success_rate: float | None
    """Of the last thirty days; the goal is 0.95."""


Any_of = typer.Option(help="repeat for any of several")


def search(
    text: Annotated[list[str] | None, typer.Argument(help="words that the track or its tags hold")] = None,
    genre: Annotated[list[str] | None, Any_of] = None,
    mood: Annotated[list[str] | None, Any_of] = None,
    instrument: Annotated[list[str] | None, Any_of] = None,
    bpm_min: Annotated[float | None, typer.Option()] = None,
    bpm_max: Annotated[float | None, typer.Option()] = None,
    key: Annotated[str, typer.Option(help="as in “A minor”")] = "",
    seconds_min: Annotated[float | None, typer.Option()] = None,
    seconds_max: Annotated[float | None, typer.Option()] = None,
    vocals: Annotated[str, typer.Option(help="any, vocal or instrumental")] = "any",
    licence: Annotated[list[str] | None, typer.Option(help="cc, cc-by-4.0, subscription, …; may be repeated")] = None,
    commercial: Annotated[bool, typer.Option("--commercial", help="only what may be used commercially")] = False,
    to_picture: Annotated[bool, typer.Option("--to-picture", help="only what may be put to picture")] = False,
    price_max: Annotated[float | None, typer.Option(help="dollars")] = None,
    provider: Annotated[list[str] | None, typer.Option(help="catalogue; may be repeated")] = None,
    sort: Annotated[str, typer.Option(help="relevance, title, duration, bpm, newest or popular")] = "relevance",
    page: Annotated[int, typer.Option()] = 1,
    page_size: Annotated[int, typer.Option()] = 20,
    as_json: AsJson = False,
) -> None:
    """Look for licensed music in every catalogue."""
    asked = search_of({
        "text": " ".join(text or ()), "genres": genre or (), "moods": mood or (), "instruments": instrument or (),
        "bpm_min": bpm_min, "bpm_max": bpm_max, "key": key, "seconds_min": seconds_min, "seconds_max": seconds_max,
        "vocals": vocals, "licences": licence or (), "commercial": commercial, "to_picture": to_picture,
        "price_max_usd": price_max, "providers": provider or (), "sort": sort, "page": page, "page_size": page_size,
    })  # fmt: skip
    with studio() as opened:
        found = FoundLines.of(opened.catalogues.search(ACTOR, asked))
    say(found, as_json, found.text)


def sync(
    provider: Annotated[str | None, typer.Argument(help="catalogue; left out: every one that is ready")] = None,
    max_tracks: Annotated[int | None, typer.Option(help="at most so many")] = None,
    genre: Annotated[list[str] | None, Any_of] = None,
    track: Annotated[list[str] | None, typer.Option(help="id of a track: these alone; may be repeated")] = None,
    keep_existing: Annotated[bool, typer.Option("--keep-existing", help="what is known stays as it is")] = False,
    daily: Annotated[bool, typer.Option("--daily", help="not now: each night at 02:00, by the studio itself")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy catalogues for fast searching. Waits until it is done; what fails ends with another code than 0."""
    how: dict[str, Any] = {"max_tracks": max_tracks, "genres": tuple(genre or ()), "update_existing": not keep_existing}
    with studio(working=not daily) as opened:
        if daily:
            made = opened.catalogue_sync.checked({"provider": provider or "", **how}).model_dump(mode="json")
            planned = opened.schedules.add(
                ACTOR, kind="catalogue_sync", request=made, title=DAILY, cron="0 2 * * *", zone=zone_here()
            )
            say(
                SyncLine(job_id=planned.id, status=planned.state, result={}),
                as_json,
                f"{planned.id}  {DAILY}, at 02:00",
            )
            return
        job = opened.catalogue_sync.start(ACTOR, provider, **how, track_ids=tuple(track or ()))
        job = ended(opened, job)
    result = job.result or {}
    told = result.get("catalogues") or [result | {"status": job.status}]
    text = "\n".join(_counts(each) for each in told) or "No catalogue is ready that can be listed."
    say(SyncLine(job_id=job.id, status=job.status, result=result), as_json, text)
    failed = [each for each in told if each.get("status") != DONE]
    for each in failed:
        print(
            one_line(f"{each['provider']}: {(each.get('error') or {}).get('message', each['status'])}"), file=sys.stderr
        )
    if failed:
        raise typer.Exit(1)


def runs(
    provider: Annotated[str | None, typer.Argument(help="catalogue")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    as_json: AsJson = False,
) -> None:
    """The syncs so far, newest first, and how many of late ended well."""
    with studio() as opened:
        lines = [SyncRunLine.of(each) for each in opened.catalogue_sync.runs(ACTOR, provider, limit)]
        rate = opened.catalogue_sync.success(ACTOR).rate
    told = "Nothing has been synced of late." if rate is None else f"{rate:.0%} of the syncs of thirty days ended well."
    say(SyncRunLines(runs=lines, success_rate=rate), as_json, "\n".join([*(each.text for each in lines), told]))


def _counts(one: dict[str, Any]) -> str:
    if one.get("status") != DONE:
        return f"{one['provider']}: {one['status']}"
    return f"{one['provider']}: {one['new']} new, {one['changed']} changed, {one['gone']} gone, {one['unchanged']} unchanged"
