"""studio schedules: what is made later, once or again and again."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.answers import Deleted
from core.cli.making import Json
from core.cli.session import ACTOR, say, studio
from core.jobs.timing import told, words_of, zone_here
from core.kit.errors import UserError
from core.store.schedules import Run, Schedule

schedules = typer.Typer(help="What is made once at a time, or again and again.", no_args_is_help=True)
ScheduleId = Annotated[str, typer.Argument(help="id of a schedule")]


class ScheduleLine(BaseModel):
    id: str
    title: str
    kind: str
    state: str
    reason: str
    words: str
    zone: str
    next_at: datetime | None
    last: str
    """What the latest run came to; "" before the first."""
    cap_usd: str | None
    month_usd: str | None
    missed: str
    overlap: str

    @classmethod
    def of(cls, row: Schedule, last: Run | None = None) -> ScheduleLine:
        own = ("words", "next_at", "last", "cap_usd", "month_usd")
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields if name not in own}, last=last.came_to if last else "",
            words=words_of(row.cron) if row.cron else "Once", next_at=row.next_at if row.state == "active" else None,
            cap_usd=None if row.cap_usd is None else str(row.cap_usd),
            month_usd=None if row.month_usd is None else str(row.month_usd),
        )  # fmt: skip

    @property
    def text(self) -> str:
        coming = f"next {told(self.next_at, self.zone)} ({self.zone})" if self.next_at else self.state
        last = f", last {self.last}" if self.last else ""
        return f"{self.id}  {self.kind:<8} {self.title}\n    {self.words}; {coming}{last} {self.reason}".rstrip()


class RunLine(BaseModel):
    id: str
    due: datetime
    came_to: str
    job_id: str | None
    late: bool
    manual: bool
    count: int
    note: str
    error: dict[str, Any] | None

    @classmethod
    def of(cls, run: Run) -> RunLine:
        own = {name: getattr(run, name) for name in cls.model_fields if name != "error"}
        return cls(**own, error=run.error or run.job_error)

    @property
    def text(self) -> str:
        why = self.note or str((self.error or {}).get("message", ""))
        return f"{self.due:%Y-%m-%d %H:%M:%S}Z  {self.came_to:<9} {self.job_id or '-'}  {why}".rstrip()


@schedules.command("list")
def list_schedules(as_json: Json = False) -> None:
    """What comes next first."""
    with studio() as opened:
        lines = [ScheduleLine.of(row, last) for row, last in opened.schedules.list(ACTOR)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "There are no schedules.")


@schedules.command()
def add(
    kind: Annotated[str, typer.Argument(help="music, speech, sound_effect, mix, polish, batch; or --job")] = "",
    request: Annotated[str, typer.Option(help="JSON, or @FILE: what that kind is asked for")] = "",
    job: Annotated[str, typer.Option(help="id of a job that is to be made again")] = "",
    same_seed: Annotated[bool, typer.Option("--same-seed", help="of that job, not a new one at each run")] = False,
    cron: Annotated[str, typer.Option(help="five fields, @daily, or: every Monday at 09:00")] = "",
    at: Annotated[str, typer.Option(help="once: 2026-12-24 18:30")] = "",
    zone: Annotated[str, typer.Option(help="time zone; this machine's if left out")] = "",
    title: str = "",
    until: Annotated[str, typer.Option(help="no run after this moment")] = "",
    times: Annotated[int | None, typer.Option(help="no more runs than this")] = None,
    cap: Annotated[str, typer.Option(help="the most one run may cost, in dollars")] = "",
    month: Annotated[str, typer.Option(help="the most its runs of a month may cost")] = "",
    missed: Annotated[str, typer.Option(help="runs missed while the studio was off: skip, once or all")] = "once",
    overlap: Annotated[str, typer.Option(help="skip: none while the last one works; or allow")] = "skip",
    as_json: Json = False,
) -> None:
    """Make something at a time, or along a cron line."""
    if bool(job) == bool(kind):
        raise UserError("A schedule needs a kind with a request, or a job.", "Give KIND --request JSON, or --job ID.")
    with studio() as opened:
        asked = _request(request)
        if job:
            kind, asked = opened.history.asked(ACTOR, job, new_seed=not same_seed)
        row = opened.schedules.add(
            ACTOR, kind=kind, request=asked, title=title, cron=cron, at=at, zone=zone or zone_here(), until=until,
            times=times, cap_usd=dollars(cap), month_usd=dollars(month), missed=missed, overlap=overlap,
        )  # fmt: skip
    line = ScheduleLine.of(row)
    say(line, as_json, line.text)


@schedules.command()
def pause(schedule_id: ScheduleId, as_json: Json = False) -> None:
    """What falls due meanwhile is not made up."""
    with studio() as opened:
        line = ScheduleLine.of(opened.schedules.pause(ACTOR, schedule_id))
    say(line, as_json, line.text)


@schedules.command()
def resume(schedule_id: ScheduleId, as_json: Json = False) -> None:
    with studio() as opened:
        line = ScheduleLine.of(opened.schedules.resume(ACTOR, schedule_id))
    say(line, as_json, line.text)


@schedules.command()
def run(schedule_id: ScheduleId, as_json: Json = False) -> None:
    """Now, beside its times."""
    with studio() as opened:
        line = RunLine.of(opened.schedules.run(ACTOR, schedule_id))
    say(line, as_json, line.text)


@schedules.command()
def delete(schedule_id: ScheduleId, as_json: Json = False) -> None:
    """With its log; what it made stays."""
    with studio() as opened:
        opened.schedules.delete(ACTOR, schedule_id)
    say(Deleted(id=schedule_id), as_json, "deleted")


@schedules.command()
def runs(
    schedule_id: ScheduleId, limit: Annotated[int, typer.Option(min=1, max=500)] = 50, as_json: Json = False
) -> None:
    """What came of each time it was due, newest first."""
    with studio() as opened:
        lines = [RunLine.of(each) for each in opened.schedules.log(ACTOR, schedule_id, limit)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "It has not run yet.")


def _request(said: str) -> dict[str, Any]:
    if not said:
        return {}
    try:
        found = json.loads(Path(said[1:]).read_text(encoding="utf-8") if said.startswith("@") else said)
    except (OSError, ValueError) as error:
        raise UserError(f"The request cannot be read: {error}.", 'Give JSON: {"prompt": "calm piano"}') from None
    if not isinstance(found, dict):
        raise UserError("The request is no JSON object.", 'Give it as {"prompt": "calm piano"}.')
    return found


def dollars(said: str) -> Decimal | None:
    try:
        return Decimal(said) if said else None
    except InvalidOperation:
        raise UserError(f"{said[:20]!r} is no amount.", "Give dollars: 0.50") from None
