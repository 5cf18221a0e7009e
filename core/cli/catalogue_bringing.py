"""studio catalogue bring: the file of a track into the library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.session import ACTOR, ended, put, say, studio, target
from core.kit.errors import UserError
from core.licensing.bringing import FULL, PREVIEW


class Brought(BaseModel):
    job_id: str
    asset_id: str
    form: str
    cost_usd: str
    path: str


def bring(
    track: Annotated[str, typer.Argument(help="catalogue:id as the search shows it")],
    preview: Annotated[bool, typer.Option("--preview", help="a draft to try, not to be published")] = False,
    out: Annotated[Path | None, typer.Option(help="a copy of it; the ending chooses the format")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
) -> None:
    """Bring a track's file into the library, bought under the caps where it costs something; once, however often it is asked
    for. What it may be used for says the licence: studio licences check"""
    provider, _, track_id = track.partition(":")
    if not track_id:
        raise UserError(
            f"{track[:100]!r} names no track of a catalogue.", "Write catalogue:id, as: studio catalogue search"
        )
    if out is not None:
        target(out)
    with studio(working=True) as opened:
        form = PREVIEW if preview else FULL
        job = ended(opened, opened.bringing.submit(ACTOR, provider, track_id, form))
        (made,) = opened.jobs.assets(ACTOR, job.id)
        path = put(opened, made, out) if out is not None else opened.library.file(ACTOR, made.id)
        cost = f"{made.cost_usd:f}"
    brought = Brought(job_id=job.id, asset_id=made.id, form=form, cost_usd=cost, path=str(path))
    say(brought, as_json, f"{brought.path}\n{brought.asset_id}, {brought.form}, ${brought.cost_usd}")
