"""Trials on the page: what is compared and its price, blind listening, the choice, and what it showed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.service import GENRES, MOODS
from core.store.trials import label
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import clock, wave

AXES = {
    "bpm": "Tempo (BPM)", "mood": "Mood", "genre": "Genre", "intensity": "Intensity", "key": "Key", "seconds": "Length (s)",
    "seed": "Seed", "ending": "Ending", "provider": "Engine", "prompt": "Prompt", "temperature": "Temperature",
    "guidance": "Guidance",
}  # fmt: skip
_NUMBERS = ("bpm", "seconds", "temperature", "guidance")


def trial_form(studio: Studio) -> gr.HTML:
    def trial_price(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        found = studio.trials.estimate(actor, **_asked(data))
        told = "$0.00 on this machine" if not found.usd else f"up to ${found.usd:.4f}"
        return {"said": f"{len(found.plan.variants)} variants · {clock(found.seconds)} · {told}"}

    def trial_make(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asked = _asked(data)
        limits.music(studio, actor, {"seconds": max(studio.trials.estimate(actor, **asked).lengths_s)})
        trial = studio.trials.start(actor, name=str(data.get("name") or "")[:100], priority="urgent", **asked)
        return {"id": trial.id, "job": trial.job_id}

    def trial_propose(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """Filled into nothing: it is shown, and whoever likes it writes it in."""
        grid = _asked(data)["grid"]
        found = studio.trials.propose(actor, axes=grid, seed=0)
        rows = [
            {"axis": AXES.get(each.axis, each.axis), "value": each.value, "choices": each.choices, "mean": each.mean,
             "low": each.low, "high": each.high, "best": round(100 * each.best), "enough": each.enough}
            for each in found.beliefs
        ]  # fmt: skip
        values = ", ".join(f"{AXES.get(axis, axis)} {label(value)}" for axis, value in found.values.items())
        kept = [each.said for each in found.habits]
        return {"said": found.said, "values": values, "rows": rows, "kept": kept}

    def options(names: tuple[str, ...]) -> str:
        return "<option value=''>Open</option>" + "".join(f"<option>{name}</option>" for name in names)

    axes = "".join(f"<option value='{name}'>{title}</option>" for name, title in AXES.items())
    return part(
        f"""<form class="trf" onsubmit="return false"><label class="field"><span>Start from</span><select class="inp" name="template" aria-label="What the trial starts from"><option value="">A prompt</option></select></label><p class="said" data-of hidden></p>
<label class="field"><span>Prompt all share</span><textarea class="inp" name="prompt" rows="2" maxlength="2000" aria-label="Prompt all share"></textarea></label>
<div class="trg"><label class="field"><span>Mood</span><select class="inp" name="mood" aria-label="Mood of the trial">{options(MOODS)}</select></label><label class="field"><span>Genre</span><select class="inp" name="genre" aria-label="Genre of the trial">{options(GENRES)}</select></label>
<label class="field"><span>Seconds</span><input class="inp" name="seconds" value="20" inputmode="decimal" aria-label="Seconds of each variant"></label></div>
<div class="trg two"><label class="field"><span>Compare</span><select class="inp" name="axis1" aria-label="First thing compared">{axes}</select></label><label class="field wide"><span>Values, with commas</span><input class="inp" name="values1" value="80, 100, 120" aria-label="Values of the first"></label></div>
<div class="trg two"><label class="field"><span>And</span><select class="inp" name="axis2" aria-label="Second thing compared"><option value="">nothing else</option>{axes}</select></label><label class="field wide"><span>Values, with commas</span><input class="inp" name="values2" aria-label="Values of the second"></label></div>
<div class="trg"><label class="field"><span>Variants</span><input class="inp" name="count" placeholder="all" inputmode="numeric" aria-label="Number of variants"></label><label class="field wide2"><span>Name</span><input class="inp" name="name" maxlength="100" aria-label="Name of the trial"></label></div>
<div class="drow"><output class="price" role="status"></output><span class="acts"><button type="button" class="tb" data-act="propose">What to try</button><button type="button" class="tb ink" data-act="start">Start the trial</button></span></div><div class="trp" hidden></div></form>""",
        script="trial_form", axes=AXES, functions=[door(studio, each) for each in (trial_price, trial_make, trial_propose)],
        elem_id="trial-form",
    )  # fmt: skip


def listening(studio: Studio) -> gr.HTML:
    def trial_waves(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The waveforms by letter; each is drawn to its own height, so that a level tells nothing."""
        blind = studio.trials.show(actor, str(data.get("id", "")))
        return {"waves": {each.letter: wave(each.peaks) for each in blind.heard}}

    return part(
        """<div class="trl"><div class="drow"><label class="field"><span>Trial</span><select class="inp" name="trial" aria-label="Trial"></select></label><span class="said" role="status">No trial yet.</span></div>
<div class="trc" role="list" aria-label="Variants"></div>
<div class="trw" hidden><button type="button" class="tb" data-act="tie">No difference</button><label class="field small"><span>Rating</span><select class="inp" name="rating" aria-label="Rating"><option value="">none</option><option>5</option><option>4</option><option>3</option><option>2</option><option>1</option></select></label><label class="field wide2"><span>Note</span><input class="inp" name="note" maxlength="1000" aria-label="Note"></label></div>
<div class="trr" hidden></div></div>""",
        script="trial_listen", functions=[door(studio, trial_waves)], axes=AXES, elem_id="trial-listen",
    )  # fmt: skip


def _asked(data: dict[str, Any]) -> dict[str, Any]:
    """Base and grid from what was typed."""
    base: dict[str, Any] = {name: str(data[name]) for name in ("template", "prompt", "mood", "genre") if data.get(name)}
    if data.get("seconds"):
        base["seconds"] = _value("seconds", str(data["seconds"]))
    grid: dict[str, list[Any]] = {}
    for number in ("1", "2"):
        axis, text = str(data.get(f"axis{number}") or ""), str(data.get(f"values{number}") or "")
        if axis and text.strip():
            if axis in grid:
                raise UserError("The same thing is compared twice.", "Choose another, or put all values in one line.")
            mark = ";" if ";" in text else ","
            grid[axis] = [_value(axis, each.strip()) for each in text.split(mark) if each.strip()]
            base.pop(axis, None)
    count = str(data.get("count") or "").strip()
    return {"base": base, "grid": grid, "count": int(_value("count", count)) if count else None}


def _value(axis: str, text: str) -> Any:
    if axis not in (*_NUMBERS, "seed", "count"):
        return text
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise UserError(f"{AXES.get(axis, axis)} {text[:40]!r} is not a number.", "Write digits.") from None
    return number if axis in _NUMBERS else int(number)
