"""The suggestions, cue by cue: why, how the cuts land, what else fits. Everything can be changed; what follows from a change
is counted anew by the server and what was chosen stays."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

import gradio as gr

from core.app import Studio
from core.flows.recommending import changes
from core.flows.recommending.cues import MOST, Cue
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.service import GENRES, INTENSITIES, MOODS
from core.video.types import Clip
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part, suggestions
from ui_gradio.parts.clip_rows import kind
from ui_gradio.parts.rows import first_sound, job_row


def cue_list(studio: Studio) -> gr.HTML:
    """Tells `st:cues` at every change. The changed cues live in the browser (studio-cues), by clip."""

    def shown(actor: Actor, clip: Clip, cue: Cue) -> dict[str, Any]:
        said = suggestions.told(changes.offered(clip, cue, suggestions.kept(studio, actor)))
        return cue.model_dump(mode="json") | {"offer": said}

    def plan(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        clip_id = str(data.get("clip", ""))
        seed = whole(data.get("seed"))
        seed = secrets.randbelow(2**31) if seed is None else seed
        found = suggestions.for_clip(studio, actor, clip_id, seed, one=bool(data.get("one")))
        _, clip = studio.video.clip(actor, clip_id)
        return {"seed": seed, "cues": [shown(actor, clip, cue) for cue in found]}

    def refit(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """One cue after a change. `how`: keep (count anew), fit (its tempo onto the cuts), offer (as it is recommended)."""
        _, clip = studio.video.clip(actor, str(data.get("clip", "")))
        cue = changes.cue_of(int(data.get("number") or 1), dict(data.get("cue") or {}))
        match data.get("how"):
            case "fit":
                cue = changes.on_the_cuts(clip, cue)
            case "offer":
                cue = changes.taken(clip, cue, changes.offered(clip, cue, suggestions.kept(studio, actor)))
            case _:
                cue = changes.refitted(clip, cue)
        return {"cue": shown(actor, clip, cue)}

    def split(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _, clip = studio.video.clip(actor, str(data.get("clip", "")))
        cue = changes.cue_of(int(data.get("number") or 1), dict(data.get("cue") or {}))
        pair = changes.split(clip, cue, float(data.get("at") or 0), suggestions.kept(studio, actor))
        return {"cues": [shown(actor, clip, each) for each in pair]}

    def join(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        _, clip = studio.video.clip(actor, str(data.get("clip", "")))
        pair = cues_of({"cues": data.get("cues")})
        if len(pair) != 2:
            raise UserError("Two cues are joined at a time.", "Reload the page.")
        return {"cue": shown(actor, clip, changes.joined(clip, *pair))}

    def hear(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The music of one cue, or of all of them, without the film. What costs is asked for twice: the first answer is
        the price, the second time it comes with that price as `usd`."""
        wanted = asked(data)
        numbers = [int(each) for each in data.get("numbers") or range(len(wanted["cues"]))][:MOST]
        chosen = tuple(wanted["cues"][number] for number in numbers)
        usd = studio.scoring.plan(actor, **wanted | {"cues": chosen}).usd
        if usd > usd_of(data):
            return {"usd": str(usd), "said": f"For at most ${usd:.4f}"}
        jobs = {}
        for number in numbers:
            limits.may_submit(studio, actor)
            cap = studio.scoring.plan(actor, **wanted | {"cues": (wanted["cues"][number],)}).usd if usd else None
            jobs[str(number)] = studio.scoring.hear(actor, number, cap_usd=cap, **wanted).id
        return {"jobs": jobs}

    def heard(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "rows": {
                str(n): _heard(studio, actor, str(job)) for n, job in list(dict(data.get("jobs") or {}).items())[:MOST]
            }
        }

    def kept(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        """What shifts the order, with its counts."""
        rows = sorted(suggestions.kept(studio, actor), key=lambda each: (each.scene_type, -each.kept, each.genre))
        return {
            "rows": [
                {"kind": kind(each.scene_type), "genre": each.genre, "kept": each.kept, "made": each.made}
                for each in rows
            ]
        }

    def options(names: tuple[str, ...]) -> str:
        return "".join(f"<option>{name}</option>" for name in names)

    return part(
        f"""<div class="rcc" hidden><div class="hd"><h2>Suggestions</h2><div class="acts"><button type="button" class="tb" data-act="anew">Suggest anew</button><button type="button" class="tb" data-act="all">Generate all</button></div></div>
<p class="said" role="status"></p><div class="rc-list" role="list" aria-label="Cues"></div>
<details class="rc-kept"><summary>What you kept so far shifts the order</summary><div></div></details>
<template class="moods">{options(MOODS)}</template><template class="genres">{options(GENRES)}</template><template class="levels">{options(INTENSITIES)}</template><template class="playing">{PLAY}</template></div>""",
        script="cues", elem_id="cues", functions=[door(studio, each) for each in (plan, refit, split, join, hear, heard, kept)],
    )  # fmt: skip


def cues_of(data: dict[str, Any]) -> tuple[Cue, ...]:
    rows = data.get("cues") if isinstance(data.get("cues"), list) else []
    return tuple(changes.cue_of(number, dict(row)) for number, row in enumerate(rows or [], 1))


def asked(data: dict[str, Any]) -> dict[str, Any]:
    """What both hearing a cue and scoring the clip are told."""
    provider = str(data.get("provider") or "")
    return {
        "clip_id": str(data.get("clip", "")), "cues": cues_of(data), "seed": whole(data.get("seed")),
        **({"provider": provider} if provider else {}),
    }  # fmt: skip


def whole(value: Any) -> int | None:
    text = str("" if value is None else value).strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) >= 2**31:
        raise UserError(f"The seed {text[:40]!r} cannot be used.", "Give a whole number from 0 to 2147483647, or none.")
    return int(text)


def usd_of(data: dict[str, Any]) -> Decimal:
    """The price that was shown."""
    try:
        return Decimal(str(data.get("usd") or 0))
    except ArithmeticError:
        return Decimal(0)


def _heard(studio: Studio, actor: Actor, job_id: str) -> dict[str, Any]:
    job = studio.jobs.show(actor, job_id)
    row = job_row(studio, job)
    return {
        "live": row["live"], "pct": row["pct"], "cause": f"{row['cause']} {row['remedy']}".strip(),
        "sound": None if row["live"] else first_sound(studio, actor, job),
    }  # fmt: skip
