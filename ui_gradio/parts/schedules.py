"""What is planned: when it runs next, what came of the last time, and a form for another."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import part


def schedules(studio: Studio) -> gr.HTML:
    def coming(_: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """While somebody types: what is no time yet is no error of the page's, so this is no REST call."""
        asked = {name: str(data.get(name) or "")[:200] for name in ("cron", "at")}
        found = studio.schedules.preview(**asked, zone=str(data.get("zone") or "UTC")[:60])
        return {"words": found.words, "told": list(found.told)}

    return part(
        """<form class="sform" aria-label="New schedule"><div class="hd"><h2>Make something at times</h2><p class="sfrom"></p></div>
<div class="two swhat"><label class="field"><span>What</span><select class="inp" name="kind"><option value="music">Music from a prompt</option><option value="speech">A spoken text</option></select></label>
<label class="field"><span>Title</span><input class="inp" name="title" maxlength="80" placeholder="from its first words"></label></div>
<label class="field swords"><span>Prompt or text</span><textarea class="inp" name="words" rows="2" maxlength="2000" placeholder="calm ambient piano for a rainy evening, 60 seconds"></textarea></label>
<label class="check sseed" hidden><input type="checkbox" name="same"> The same seed: the same piece each time</label>
<div class="two"><label class="field"><span>When</span><select class="inp" name="way"><option value="cron">Again and again</option><option value="at">Once</option></select></label>
<label class="field scron"><span>Sentence or cron line</span><input class="inp" name="cron" maxlength="200" placeholder="every Monday at 09:00" value="every Monday at 09:00"></label>
<label class="field sat" hidden><span>Day and time</span><input class="inp" name="at" type="datetime-local"></label></div>
<div class="scoming" role="status"></div>
<details class="smore"><summary>Limits and rules</summary><div class="two"><label class="field"><span>Most a run may cost ($)</span><input class="inp" name="cap_usd" inputmode="decimal" placeholder="no limit of its own"></label>
<label class="field"><span>Most a month may cost ($)</span><input class="inp" name="month_usd" inputmode="decimal" placeholder="no limit of its own"></label>
<label class="field"><span>Runs missed while the studio was off</span><select class="inp" name="missed"><option value="once">Make up one</option><option value="skip">Leave them out</option><option value="all">Make up all (at most 24)</option></select></label>
<label class="field"><span>While the last run still works</span><select class="inp" name="overlap"><option value="skip">Leave the next one out</option><option value="allow">Run beside it</option></select></label></div></details>
<div class="drow"><small class="szone"></small><span class="acts"><button type="button" class="tb sclear" hidden>Something else instead</button><button class="tb ink" type="submit">Schedule</button></span></div></form>
<table class="qt st"><caption class="vh">Schedules</caption><thead><tr><th scope="col">What</th><th scope="col">Next run</th><th scope="col">Last</th><th scope="col"><span class="vh">Actions</span></th></tr></thead><tbody></tbody></table>
<p class="none" hidden>Nothing is planned. What you schedule here runs while the studio runs.</p>""",
        script="schedules", functions=[door(studio, coming)], elem_id="schedules",
    )  # fmt: skip
