"""A speech as its sentences, with the takes of each beside the original."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.store.assets import Asset
from core.voice.engine import EMOTIONS
from core.voice.retakes.sheet import Passage
from core.voice.retakes.wishes import Wishes, wished
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import asset_row, wave

_OFFERED = 60
"""Pieces and voices in the lists."""


def retakes(studio: Studio) -> gr.HTML:
    def spoken(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        found, _ = studio.library.search(actor, kinds=["voiceover"], limit=4 * _OFFERED)
        return {"rows": [_piece(asset) for asset in found if _can(asset)][:_OFFERED]}

    def passages(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The piece, or one chapter of a book, with everything there is to hear and to choose."""
        whole = studio.library.get(actor, str(data.get("id", "")))
        chapters = studio.retakes.chapters(actor, whole.id)
        if not chapters:
            raise UserError("The chapters of this book were deleted.", "Make the book again from its script.", "gone")
        wanted = str(data.get("chapter") or "")
        sheet = studio.retakes.sheet(actor, next((c.id for c in chapters if c.id == wanted), chapters[0].id))
        voices = {place.voice for place in sheet.passages}
        obeys = {name: _obeys(studio, actor, name or str(sheet.asset.generation_config["voice"])) for name in voices}
        names = {name: _name(studio, actor, name or str(sheet.asset.generation_config["voice"])) for name in voices}
        return {
            "id": sheet.asset.id, "whole": whole.id, "name": whole.name, "redraws": sheet.redraws,
            "chapters": [{"id": each.id, "name": each.name, "chosen": _chosen(studio, actor, each)} for each in chapters]
            if whole.generation_config.get("chapters") else [],
            "chosen": sum(_chosen(studio, actor, each) for each in chapters),
            "row": asset_row(sheet.asset),
            "passages": [_passage(each, sheet.asset) | {"who": names[each.voice], "obeys": obeys[each.voice]} for each in sheet.passages],
            "takes": [
                asset_row(each.asset) | {
                    "first": each.take.first, "past": each.take.past, "number": each.take.number, "label": each.take.label,
                    "chosen": each.take.chosen,
                }
                for each in sheet.takes
            ],
        }  # fmt: skip

    def weigh(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        usd = studio.retakes.estimate(actor, *_place(data), _count(data), _wishes(data))
        return {"usd": f"up to ${usd:.4f}" if usd else "$0.00 on this machine"}

    def take(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        asset_id, first, past = _place(data)
        return {
            "job": studio.retakes.take(actor, asset_id, first, past, count=_count(data), wishes=_wishes(data), priority="urgent").id
        }  # fmt: skip

    def choose(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        return {"chosen": studio.retakes.choose(actor, str(data.get("id", "")), chosen=bool(data.get("chosen")))}

    def assemble(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"job": studio.retakes.assemble(actor, str(data.get("id", ""))).id}

    def voices(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        found = studio.voice.book.voices(actor, "", "", "", "")
        return {
            "rows": [
                {"id": voice.id, "name": f"{voice.name}, {voice.accent or voice.language_name}"}
                for voice in found[:_OFFERED]
            ]
        }

    return part(
        """<div class="rtk"><div class="gbar two"><label class="field"><span>Piece</span><select class="inp" name="piece" aria-label="Piece"></select></label>
<label class="field chs" hidden><span>Chapter</span><select class="inp" name="chapter" aria-label="Chapter"></select></label></div>
<p class="none">Nothing spoken yet: press Generate under Voice first.</p><div class="rtl" role="list" aria-label="Passages"></div>
<div class="rtgo" hidden><span role="status"></span><button type="button" class="tb ink" data-act="assemble">Make the file</button></div></div>""",
        script="retakes", emotions=list(EMOTIONS),
        functions=[door(studio, each) for each in (spoken, passages, weigh, take, choose, assemble, voices)],
    )  # fmt: skip


def _can(asset: Asset) -> bool:
    config = asset.generation_config
    return asset.role == "primary" and not config.get("take") and bool(config.get("chapters") or config.get("text"))


def _piece(asset: Asset) -> dict[str, str]:
    row = asset_row(asset)
    kind = f"book of {row['chapters']} chapters" if row["chapters"] else row["dur"]
    return {"id": asset.id, "name": f"{asset.name} · {kind} · {row['age']}"}


def _passage(place: Passage, asset: Asset) -> dict[str, Any]:
    columns = len(asset.peaks) / (asset.duration_s or 1.0)
    return {
        "first": place.first, "past": place.past, "text": place.text, "section": place.section, "paragraph": place.paragraph,
        "start": round(place.start_s, 3), "end": round(place.end_s, 3),
        "d": wave(asset.peaks[int(place.start_s * columns) : int(place.end_s * columns) + 1]),
    }  # fmt: skip


def _chosen(studio: Studio, actor: Actor, asset: Asset) -> int:
    return studio.retakes.chosen(actor, asset.id)


def _obeys(studio: Studio, actor: Actor, voice: str) -> list[str]:
    try:
        return sorted(studio.voice.engine(actor, voice).obeys & {"speed", "pitch", "range", "emotion"})
    except StudioError:
        return []


def _name(studio: Studio, actor: Actor, voice: str) -> str:
    try:
        return studio.voice.book.find(actor, voice).name
    except StudioError:
        return voice


def _place(data: dict[str, Any]) -> tuple[str, int, int]:
    return str(data.get("id", "")), int(data.get("first") or 0), int(data.get("past") or 0)


def _count(data: dict[str, Any]) -> int:
    return int(data.get("count") or 1)


def _wishes(data: dict[str, Any]) -> Wishes:
    return wished({name: data[name] for name in Wishes.model_fields if data.get(name) not in (None, "")})
