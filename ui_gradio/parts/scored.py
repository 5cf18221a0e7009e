"""The scored film: its job while it is made, then its cue sheet, stems, rights, cost and files."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import NotFound, StudioError, UserError
from core.rights.gate import Use
from core.store.assets import Asset
from core.store.jobs import DONE
from core.video.service import VIDEO
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import ago, asset_row, clock, job_row, money

_SHOWN = 100
_FILMS = 6
_USE = Use(platform="youtube", commercial=True)
_COLUMNS = ("number", "start", "end", "title", "made_by", "licence", "credit", "cost_usd")


def scored(studio: Studio) -> gr.HTML:
    def films(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The films made from this clip, newest first."""
        wanted = str(data.get("clip", ""))
        found, _ = studio.library.search(actor, kinds=[VIDEO], limit=_SHOWN)
        made = [
            asset for asset in found if asset.role == "primary" and asset.generation_config.get("clip_id") == wanted
        ]
        return {"films": [{"id": each.id, "name": each.name, "age": ago(each.created_at)} for each in made[:_FILMS]]}

    def running(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job = studio.jobs.show(actor, str(data.get("job", "")))
        row = job_row(studio, job)
        film = next((each["id"] for each in (job.result or {}).get("assets", ()) if each["role"] == "primary"), "")
        return {
            key: row[key]
            for key in ("live", "stage", "label", "pct", "eta", "cause", "remedy", "retry", "title", "cancelling")
        } | {"film": film if job.status == DONE else ""}

    def steer(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        act = {"cancel": studio.jobs.cancel, "retry": studio.jobs.retry}.get(str(data.get("act")))
        if act is None:
            raise UserError("There is no such action.", "Reload the page.")
        act(actor, str(data.get("job", "")))
        return {}

    def result(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        return told(studio, actor, studio.library.get(actor, str(data.get("id", ""))))

    return part(
        f"""<div class="rcr" hidden><div class="hd"><h2>Scored</h2><select class="inp" aria-label="Scored versions of this clip" hidden></select></div>
<div class="rc-job" hidden role="group" aria-label="Scoring"><div class="drow"><b></b><span class="dur"></span><button type="button" class="tb" data-act="cancel">Cancel</button></div><div class="pg" role="progressbar" aria-label="Scoring" aria-valuemin="0" aria-valuemax="100"><i></i></div></div>
<div class="rc-bad" hidden role="alert"><b></b><p></p><button type="button" class="tb" data-act="retry">Try again</button></div>
<div class="rc-made"></div><template>{PLAY}</template></div>""",
        script="scored", elem_id="scored", functions=[door(studio, each) for each in (films, running, steer, result)],
    )  # fmt: skip


def told(studio: Studio, actor: Actor, film: Asset) -> dict[str, Any]:
    beside = studio.library.beside(actor, film.id)
    sheets = {each.role: each for each in beside if each.kind == "document"}
    mix = next((link.source_id for link in studio.library.sources(actor, film.id) if link.role == "mix"), "")
    verdict = studio.library.may(actor, film.id, _USE)
    config = film.generation_config
    return {
        "film": asset_row(film) | {"clock": clock(film.duration_s)}, "project": config.get("project", ""),
        "facts": [fact for fact in _facts(studio, actor, film) if fact["value"]],
        "rights": {
            "title": film.licence.get("title", ""), "allowed": verdict.allowed, "reasons": list(verdict.reasons),
            "credits": list(verdict.credits),
        },
        "cues": _cues(studio, actor, sheets.get("cue_sheet:json")), "stems": _stems(studio, actor, mix),
        "files": [
            {"url": f"/export/{film.id}?pack=false", "name": "Film (MP4)"},
            *({"url": f"/export/{each.id}?pack=false", "name": "Cue sheet (CSV)" if role == "cue_sheet" else "Cue sheet (JSON)"} for role, each in sheets.items()),
            {"url": f"/export/{film.id}", "name": "Film with rights sheet (ZIP)"},
        ],
    }  # fmt: skip


def _facts(studio: Studio, actor: Actor, film: Asset) -> list[dict[str, str]]:
    try:
        cost = money(float(studio.jobs.cost(actor, film.job_id))) if film.job_id else money(film.cost_usd)
    except StudioError:  # the job was cleared away
        cost = money(film.cost_usd)
    return [
        {"name": "Length", "value": clock(film.duration_s)},
        {"name": "Loudness", "value": f"{film.lufs:.1f} LUFS" if film.lufs is not None else ""},
        {"name": "True peak", "value": f"{film.true_peak_dbtp:.1f} dBTP" if film.true_peak_dbtp is not None else ""},
        {"name": "Picture", "value": "untouched" if film.generation_config.get("picture_copied") else "encoded anew"},
        {"name": "Cost", "value": cost},
    ]  # fmt: skip


def _cues(studio: Studio, actor: Actor, sheet: Asset | None) -> list[dict[str, str]]:
    """As the cue sheet has them; it was written when the film was."""
    if sheet is None:
        return []
    try:
        rows = json.loads(studio.library.file(actor, sheet.id).read_text(encoding="utf-8"))["cues"]
    except NotFound:
        return []
    return [{name: str(row.get(name, "")) for name in _COLUMNS} | {"id": str(row.get("asset_id", ""))} for row in rows]


def _stems(studio: Studio, actor: Actor, mix: str) -> list[dict[str, Any]]:
    try:
        found = [each for each in studio.library.beside(actor, mix) if each.kind == "stem"] if mix else []
    except NotFound:
        return []
    return [
        asset_row(each) | {"name": each.role.partition(":")[2], "file": f"/export/{each.id}?format=wav24&pack=false"}
        for each in found
    ]
