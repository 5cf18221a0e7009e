"""A batch from a table: dropped or written here, priced as one types, followed track by track."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import gradio as gr

from core.app import Studio
from core.flows.music_rows import MAX_BYTES, Row, read_table
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.service import GENRES, MOODS
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import clock

_NUMBERS = ("bpm", "seconds", "seed", "count")


def music_table(studio: Studio) -> gr.HTML:
    def table_read(_actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """A dropped file as rows; a wrong one carries its error."""
        text = str(data.get("file", ""))
        if len(text) > MAX_BYTES * 4 // 3 + 4:
            raise UserError("The file is too large for a table.", f"Send at most {MAX_BYTES // 2**20} MB.", "too_large")
        try:
            found = read_table(str(data.get("name", "table.csv"))[:200], base64.b64decode(text, validate=True))
        except binascii.Error:
            raise UserError("The file did not arrive whole.", "Drop it again.") from None
        return {"rows": [{**row.values, "error": row.error.message if row.error else ""} for row in found]}

    def table_price(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        price = studio.music_batches.price(actor, _rows(data))
        told = "$0.00 on this machine" if not price.usd else f"up to ${price.usd:.4f}"
        bad = {str(number): error.message for number, error in price.bad}
        return {
            "said": f"{price.items} {'piece' if price.items == 1 else 'pieces'} · {clock(price.seconds)} · {told}",
            "items": price.items,
            "bad": bad,
        }

    def table_make(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        rows = _rows(data)
        for row in rows:
            limits.music(studio, actor, dict(row.values))
        job = studio.music_batches.submit(
            actor, rows, title=str(data.get("title") or "")[:200], skip_bad=bool(data.get("skip")),
            at_once=int(data["at_once"]) if data.get("at_once") else None,
        )  # fmt: skip
        return {"job": job.id}

    def options(names: tuple[str, ...]) -> str:
        return "".join(f"<option>{name}</option>" for name in names)

    return part(
        f"""<div class="bt"><label class="drop"><input type="file" accept=".csv,.tsv,.txt,text/csv" aria-label="Table of pieces"><span>Drop a CSV here, or choose one</span></label>
<datalist id="bt-moods">{options(MOODS)}</datalist><datalist id="bt-genres">{options(GENRES)}</datalist>
<div class="btw"><table aria-label="Pieces of the batch"><thead><tr><th>Prompt</th><th>Mood</th><th>Genre</th><th>BPM</th><th>Seconds</th><th>Count</th><th></th></tr></thead><tbody></tbody></table></div>
<p class="said more" role="status"></p>
<div class="drow"><button type="button" class="tb" data-act="add">Add a row</button><label class="lock"><input type="checkbox" name="skip"> Leave out wrong rows</label>
<label class="field small"><span>At once</span><input class="inp" name="at_once" inputmode="numeric" placeholder="all" aria-label="How many at once"></label></div>
<div class="drow"><output class="price" role="status"></output><button type="button" class="tb ink" data-act="make">Make the batch</button></div></div>""",
        script="music_table", functions=[door(studio, each) for each in (table_read, table_price, table_make)],
        elem_id="music-table",
    )  # fmt: skip


def tracks(_studio: Studio) -> gr.HTML:
    return part(
        """<div class="btk"><div class="drow"><span class="said" role="status">No batch yet.</span><span class="acts"><button type="button" class="tb" data-act="resume" hidden>Make the missing ones</button>
<button type="button" class="tb" data-act="cancel" hidden>Cancel</button><a class="tb" data-zip hidden download>ZIP</a></span></div><div class="btl" role="list" aria-label="Tracks"></div></div>""",
        script="music_tracks", elem_id="music-tracks",
    )  # fmt: skip


def _rows(data: dict[str, Any]) -> list[Row]:
    found = []
    for number, values in enumerate(list(data.get("rows") or []), 1):
        row: dict[str, Any] = {}
        error = UserError(str(values["error"])[:300]) if values.get("error") else None
        for name, value in dict(values).items():
            if name == "error" or value in (None, ""):
                continue
            try:
                row[str(name)] = _number(str(name), value) if name in _NUMBERS else value
            except ValueError:
                error = UserError(f"{name} = {str(value)[:40]!r} is not a number.", "Write digits, or leave it empty.")
        found.append(Row(number, row, error))
    if not found:
        raise UserError("There is no row yet.", "Write one, or drop a CSV.")
    return found


def _number(name: str, value: Any) -> float | int:
    number = float(str(value).replace(",", "."))
    return int(number) if name in ("seed", "count") else number
