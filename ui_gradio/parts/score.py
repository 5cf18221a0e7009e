"""The score of a piece of music: every part with its bar, what was found, what was expected, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from ui_gradio.parts import part

GOOD, FAIR = 80.0, 60.0
"""Of the total: from where the pill is green, and under which it is red."""


def score(told: Mapping[str, Any] | None = None, **options: Any) -> gr.HTML:
    """`told`: core.music.quality.types.Score.as_dict(), as an asset keeps it; a new one is shown by setting view() of it
    as the value."""
    return part(markup("value"), value=view(told), **options)  # fmt: skip


def markup(of: str) -> str:
    """The template, for a part whose value has view() under this name."""
    return f"""{{{{#if {of}.rows}}}}<div class="scr"><div class="hd"><div><h2>Quality</h2><p>{{{{{of}.about}}}}</p></div><span class="pill {{{{{of}.mood}}}}" aria-label="Score {{{{{of}.total}}}} of 100"><b>{{{{{of}.total}}}}</b> of 100</span></div>
<ul class="scl">{{{{#each {of}.rows}}}}<li class="{{{{this.mood}}}}"><div class="sct"><b>{{{{this.title}}}}</b><span>{{{{this.value}}}}</span><small>{{{{this.expected}}}}</small></div><div class="scb" role="meter" aria-label="{{{{this.title}}}}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{{{{this.percent}}}}"><i style="width:{{{{this.percent}}}}%"></i></div><p>{{{{this.note}}}}</p></li>{{{{/each}}}}</ul>
{{{{#if {of}.unmeasured}}}}<details class="proj"><summary>{{{{{of}.left}}}}</summary><ul class="scu">{{{{#each {of}.unmeasured}}}}<li><b>{{{{this.title}}}}</b> <span>{{{{this.note}}}}</span></li>{{{{/each}}}}</ul></details>{{{{/if}}}}
<p class="anote">A meter's judgement: 100 means that nothing was found wrong, not that it is beautiful. Listen.</p></div>
{{{{else}}}}<div class="scr"><div class="hd"><h2>Quality</h2></div><p class="none">No score was measured for this piece.</p></div>{{{{/if}}}}"""


def view(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the part shows: rows with a bar, the worst first, and the parts that say why they were not measured."""
    if not told or not told.get("parts"):
        return {"rows": [], "unmeasured": []}
    flags = set(told["flags"])
    counted = sorted(
        (row for row in told["parts"] if row["weight"] > 0), key=lambda row: row["weight"] * (row["score"] - 1)
    )
    others = [row for row in told["parts"] if row["weight"] <= 0]
    total = float(told["total"])
    bad = len(flags)
    return {
        "total": f"{total:.0f}", "mood": "good" if total >= GOOD and not bad else "warn" if total >= FAIR else "bad",
        "about": f"{bad} of {len(counted)} measured things need a look" if bad else f"{len(counted)} things measured, none of them bad",
        "rows": [
            {"title": row["title"], "value": _value(row["value"], row["unit"]), "percent": round(100 * row["score"]),
             "expected": f"expected: {row['expected']}" if row["expected"] else "", "note": row["note"],
             "mood": "bad" if row["name"] in flags else "fair" if row["score"] < 1 else "fine"}
            for row in counted
        ],
        "unmeasured": [{"title": row["title"], "note": row["note"]} for row in others],
        "left": f"{len(others)} not measured, counted neither way",
    }  # fmt: skip


def _value(value: float | str | None, unit: str) -> str:
    if value is None:
        return ""
    shown = value if isinstance(value, str) else f"{value:g}"
    return f"{shown} {unit}" if unit and not isinstance(value, str) else shown
