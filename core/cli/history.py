"""studio history: everything ever asked for, found again and made again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.answers import JobLine
from core.cli.making import Json
from core.cli.schedules import dollars
from core.cli.session import ACTOR, say, studio
from core.jobs.history import whole_day
from core.kit.errors import UserError
from core.store.history_search import Filter, Hit


class HitLine(BaseModel):
    job_id: str
    kind: str
    title: str
    status: str
    engine: str
    mood: str | None
    genre: str | None
    bpm: float | None
    seconds: float | None
    cost_usd: str
    fate: str
    assets: list[str]
    error: dict[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, hit: Hit) -> HitLine:
        names = ("engine", "mood", "genre", "bpm", "seconds", "fate")
        job = hit.job
        return cls(
            job_id=job.id, kind=job.kind, title=job.title, status=job.status, error=job.error, created_at=job.created_at,
            cost_usd=str(hit.usd), assets=[each.id for each in hit.pieces],
            **{name: getattr(hit, name) for name in names},
        )  # fmt: skip

    @property
    def text(self) -> str:
        state = self.fate or self.status
        return f"{self.job_id}  {self.created_at:%Y-%m-%d %H:%M}  {self.kind:<12} {state:<10} ${self.cost_usd}  {self.title}"


def history(
    text: Annotated[str, typer.Option(help="words of prompt, script, name or error")] = "",
    kind: Annotated[list[str] | None, typer.Option()] = None,
    engine: Annotated[list[str] | None, typer.Option()] = None,
    status: Annotated[list[str] | None, typer.Option(help="live, done, failed, cancelled, unknown")] = None,
    mood: Annotated[list[str] | None, typer.Option()] = None,
    genre: Annotated[list[str] | None, typer.Option()] = None,
    bpm: Annotated[str, typer.Option(help="90-120, 90- or -120")] = "",
    seconds: Annotated[str, typer.Option(help="10-60")] = "",
    cost: Annotated[str, typer.Option(help="dollars: 0.01-1")] = "",
    since: Annotated[str, typer.Option("--from", help="a day: 2026-11-01")] = "",
    until: Annotated[str, typer.Option("--to", help="a day, with it")] = "",
    rating: Annotated[int | None, typer.Option(help="at least so many stars")] = None,
    favourite: Annotated[bool | None, typer.Option()] = None,
    fate: Annotated[list[str] | None, typer.Option(help="kept, draft, discarded, deleted")] = None,
    template: str = "",
    batch: Annotated[str, typer.Option(help="id of the job it was part of")] = "",
    drafts: Annotated[bool, typer.Option("--drafts", help="previews as well")] = False,
    order: Annotated[str, typer.Option(help="new, old, long or dear")] = "new",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    again: Annotated[str, typer.Option(help="id of a job: make it again")] = "",
    new_seed: Annotated[bool, typer.Option("--new-seed", help="with --again: another piece")] = False,
    as_json: Json = False,
) -> None:
    """Everything ever asked for, failed and deleted too; found again, and made again."""
    with studio() as opened:
        if again:
            job = opened.history.again(ACTOR, again, new_seed=new_seed)
            say(JobLine.of(job), as_json, f"{job.id}  {job.title}")
            return
        wanted = Filter(
            words=text, kinds=tuple(kind or ()), engines=tuple(engine or ()), statuses=tuple(status or ()),
            moods=tuple(mood or ()), genres=tuple(genre or ()), bpm=_span(bpm), seconds=_span(seconds), usd=_span_usd(cost),
            since=whole_day(_day(since)) if since else None, before=whole_day(_day(until), after=True) if until else None,
            rating=rating, favourite=favourite, fates=tuple(fate or ()), template=template, batch=batch, drafts=drafts,
        )  # fmt: skip
        page = opened.history.search(ACTOR, wanted, order=order, limit=limit)
    lines = [HitLine.of(hit) for hit in page.hits]
    more = "\n… and more: narrow it, or raise --limit" if page.next else ""
    say(list(lines), as_json, ("\n".join(line.text for line in lines) or "Nothing like that was ever made.") + more)


def _span_usd(said: str) -> tuple[Decimal | None, Decimal | None]:
    low, dash, high = said.partition("-")
    return dollars(low), dollars(high if dash else low)


def _span(said: str) -> tuple[float | None, float | None]:
    low, dash, high = said.partition("-")
    try:
        return float(low) if low else None, float(high if dash else low) if (high if dash else low) else None
    except ValueError:
        raise UserError(f"{said[:20]!r} is no range.", "Give it as 90-120, 90- or -120.") from None


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UserError(f"{said[:20]!r} is no day.", "Write it as 2026-11-01.") from None
