"""A track under a clip before it is paid for, picture and sound in step; or several of them, compared without their names."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.flows.auditioning.request import LONGEST_S, USUAL_S
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store.jobs import DONE
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.clip_rows import exact, kind, short_row
from ui_gradio.parts.rows import first_sound, job_row

_SHOWN = 60


def clip_audition(studio: Studio) -> gr.HTML:
    """Opened by `st:under` {tracks: [{provider, id, title, artist}], scene?: {clip, id}}."""

    def cu_clips(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        return {"clips": [short_row(row) for row in studio.video.list(actor, _SHOWN)[0]]}

    def cu_scenes(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        row, clip = studio.video.clip(actor, str(data.get("id", "")))
        return {
            "film": f"/media/{row.asset_id}", "speaks": bool(clip.spoken),
            "scenes": [
                {"id": each.id, "name": f"Scene {each.number}: {kind(each.type).lower()}, from {exact(each.start_s)}, "
                 f"{exact(each.seconds)} long"}
                for each in clip.scenes
            ],
        }  # fmt: skip

    def cu_hear(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        tracks = _tracks(data)
        if len(tracks) != 1:
            raise UserError(f"{len(tracks)} tracks cannot be heard at once.", "Choose one.", "tracks")
        return {"job": studio.auditioning.submit(actor, tracks[0], priority="urgent", **_under(data)).id}

    def cu_compare(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"id": studio.auditioning.compare(actor, _tracks(data), priority="urgent", **_under(data)).id}

    def cu_heard(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job = studio.jobs.show(actor, str(data.get("job", "")))
        row = job_row(studio, job)
        told = {
            "live": row["live"],
            "pct": row["pct"],
            "stage": row["stage"],
            "cause": row["cause"],
            "remedy": row["remedy"],
        }
        if job.status == DONE:
            lies = job.result or {}
            told |= {
                "sound": first_sound(studio, actor, job), "start": lies["start_s"], "seconds": lies["seconds"],
                "film": f"/media/{lies['film_id']}", "speaks": bool(lies["spoken"]), "preview": lies["preview"],
            }  # fmt: skip
        return told

    number = 'type="number" inputmode="decimal" step="any"'
    return part(
        f"""<dialog class="box cu" aria-label="Under a clip"><div class="cu-in"><div class="hd"><div><h2></h2><p></p></div><button type="button" class="tb sq" data-act="close" aria-label="Close">×</button></div>
<form class="cu-f" aria-label="Where it is heard"><label class="field"><span>Clip</span><select class="inp" name="clip"></select></label>
<label class="field"><span>Scene</span><select class="inp" name="scene"></select></label>
<label class="field"><span>From second</span><input class="inp" name="start" {number} min="0" value="0"></label>
<label class="field"><span>Seconds</span><input class="inp" name="seconds" {number} min="1" max="{LONGEST_S:g}" placeholder="{USUAL_S:g}"></label>
<label class="field"><span>Track from second</span><input class="inp" name="music" {number} min="0" value="0"></label>
<button class="tb ink" type="submit">Hear it</button></form>
<p class="cu-none" hidden>There is no clip yet. Bring a film in under Recommend: its scenes are found there.</p>
<div class="cu-wait" hidden><p class="said" role="status"></p><div class="pg" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"><i></i></div></div>
<div class="cu-bad" hidden role="alert"><b></b><p></p></div>
<div class="cu-stage" hidden><div class="cu-film"><video muted playsinline preload="auto" aria-label="The clip"></video><p hidden>This browser cannot show the film; its sound plays.</p></div>
<div class="cu-bar"><button type="button" class="play small" data-act="toggle" aria-label="Play" aria-pressed="false">{PLAY}</button><input type="range" min="0" step="0.1" value="0" aria-label="Position in the clip"><span class="dur">0:00</span></div>
<div class="cu-abc" role="group" aria-label="Tracks to compare" hidden></div><p class="said" role="status"></p>
<div class="cu-pick" hidden><label class="field"><span>Note</span><input class="inp" name="note" maxlength="1000" placeholder="Why, if you like"></label><span class="acts"><button type="button" class="tb" data-act="tie">No difference</button><button type="button" class="tb ink" data-act="choose">Choose A</button></span></div>
<ul class="cu-told plain" aria-label="Which was which" hidden></ul></div>
<label class="field cu-past" hidden><span>Earlier comparisons</span><select class="inp" name="past"></select></label></div></dialog>""",
        script="clip_audition", elem_id="clip-audition",
        functions=[door(studio, each) for each in (cu_clips, cu_scenes, cu_hear, cu_compare, cu_heard)],
    )  # fmt: skip


def _tracks(data: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"provider": str(each.get("provider") or ""), "track_id": str(each.get("id") or "")}
        for each in data.get("tracks") or () if isinstance(each, dict)
    ]  # fmt: skip


def _under(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"clip_id": str(data.get("clip") or ""), "scene_id": str(data.get("scene") or "")}
    for given, name in (("start", "start_s"), ("seconds", "seconds"), ("music", "music_start_s")):
        text = str(data.get(given) or "").strip().replace(",", ".")
        if not text:
            continue
        try:
            found[name] = float(text)
        except ValueError:
            raise UserError(f"{text[:40]!r} is not a number of seconds.", "Write digits.") from None
    return found
