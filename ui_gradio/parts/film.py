"""The film: brought in or chosen, its scenes found as a job, played in place; the clips that were taken apart before."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.rights import licences
from core.store.jobs import DONE
from core.video.service import VIDEO
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.clip_rows import clip_row, picture, short_row
from ui_gradio.parts.details import DECLARABLE
from ui_gradio.parts.rows import ago, clock, job_row

_SHOWN = 60
_AT_ONCE = 24


def film(studio: Studio) -> gr.HTML:
    """Tells `st:clip` when one is open."""

    def films(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        """What could be opened: clips, and films of the library that are none yet."""
        clips, total = studio.video.list(actor, _SHOWN)
        found, _ = studio.library.search(actor, kinds=[VIDEO], limit=_SHOWN)
        apart = {row.asset_id for row in clips}
        rows = [
            {"id": asset.id, "name": asset.name, "dur": clock(asset.duration_s), "age": ago(asset.created_at)}
            for asset in found if asset.source == "uploaded" and asset.id not in apart
        ]  # fmt: skip
        return {"clips": [short_row(row) for row in clips], "total": total, "films": rows}

    def take_apart(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset_id = str(data.get("asset", ""))
        if (known := studio.video.of_film(actor, asset_id)) is not None:
            return {"clip": known[0].id}
        limits.film(studio, actor, studio.library.get(actor, asset_id).duration_s)
        return {"job": studio.video.take_apart(actor, asset_id, priority="urgent").id}

    def taken(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """What became of the job: a clip, or why there is none."""
        job = studio.jobs.show(actor, str(data.get("job", "")))
        if job.status == DONE:
            return {"clip": (job.result or {}).get("clip_id", "")}
        row = job_row(studio, job)
        return {
            "live": row["live"],
            "cause": row["cause"] or "It was cancelled.",
            "remedy": row["remedy"],
            "title": row["title"],
        }

    def clip(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        row, found = studio.video.clip(actor, str(data.get("id", "")))
        try:
            gone = studio.library.get(actor, row.asset_id).deleted_at is not None
        except StudioError:
            gone = True
        return clip_row(row, found) | {"gone": gone}

    def pictures(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        wanted = [str(each) for each in data.get("ids") or []][:_AT_ONCE]
        return {"pictures": {each: picture(studio.video.picture(actor, each)) for each in wanted}}

    def forget(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.video.delete(actor, str(data.get("id", "")))
        return {}

    known = licences.known()
    options = "".join(f'<option value="{name}">{known[name]["title"]}</option>' for name in DECLARABLE)
    settings = studio.settings
    return part(
        f"""<div class="rcf"><div class="rc-in"><label class="drop" tabindex="-1"><input type="file" accept="video/*,.mkv,.webm,.mov,.mp4,.m4v,.avi,.ts" aria-label="Film"><b>Drop a film here, or choose one</b>
<span>MP4, MOV, WebM, MKV: up to {settings.max_upload_mb} MB and {settings.max_video_minutes:g} minutes</span></label>
<label class="field"><span>Who holds the rights to the film?</span><select class="inp" name="licence">{options}</select></label>
<label class="field credit" hidden><span>Credit line to publish</span><input class="inp" name="credit" maxlength="300" placeholder="Author, title"></label>
<label class="field lib" hidden><span>Or one from your library</span><select class="inp" name="film" aria-label="A film from the library"></select></label></div>
<div class="rc-up" hidden role="group" aria-label="Bringing the film in"><div class="drow"><b></b><span class="dur"></span><button type="button" class="tb" data-act="stop">Cancel</button></div><div class="pg" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"><i></i></div></div>
<div class="rc-bad" hidden role="alert"><b></b><p></p></div>
<div class="rc-past" hidden><h3>Clips</h3><ul class="plain" aria-label="Clips"></ul></div></div>""",
        script="film", elem_id="film", credit=[name for name in DECLARABLE if known[name]["attribution"]],
        limit=settings.max_upload_mb,
        functions=[door(studio, each) for each in (films, take_apart, taken, clip, pictures, forget)],
    )  # fmt: skip
