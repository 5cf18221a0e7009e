"""What ends soon, and which published pieces would be left uncovered by it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.licensing.catalogue import KIND
from core.licensing.radar import STAGES_DAYS
from ui_gradio.errors import door
from ui_gradio.parts import part

SPANS = ((30, "30 days"), (90, "90 days"), (180, "half a year"), (365, "a year"))


def licence_radar(studio: Studio) -> gr.HTML:
    def lic_may_check(actor: Actor, _: dict[str, Any]) -> dict[str, Any]:
        return {"may": actor.is_admin}

    stages = ", ".join(str(days) for days in STAGES_DAYS[:-1]) + f" and {STAGES_DAYS[-1]}"
    spans = "".join(
        f'<option value="{days}"{" selected" if days == 90 else ""}>{words}</option>' for days, words in SPANS
    )
    catalogues = {each.info.name: each.info.title for each in studio.registry.readiness(KIND)}
    return part(
        f"""<div class="hd"><h2>What ends soon</h2><label class="lr-days">Within <select class="inp mini" name="days">{spans}</select></label></div>
<p class="said lr-told">Looked at each hour: webhooks tell {stages} day before an end, and when it is over. <button type="button" class="tb" data-act="check" hidden>Check now</button></p>
<div class="lr-list" role="list" aria-label="Licences by their end"></div>
<p class="none" hidden>No licence ends within that time.</p>
<form class="lr-if" aria-label="What if it ended"><div class="hd"><h2>What if it ended?</h2><p>A subscription that is given up, a licence that is not renewed: nothing is changed by looking.</p></div>
<div class="lr-ask"><label class="field"><span>Subscription or licence</span><select class="inp" name="what" required></select></label>
<label class="field"><span>Its last day</span><input class="inp" type="date" name="ends_on" required></label><button class="tb" type="submit">Look</button></div>
<p class="said lr-sum" role="status"></p><div class="lr-sim" role="list" aria-label="As if it ended then"></div></form>""",
        script="licence_radar", elem_id="licence-radar", titles=catalogues, functions=[door(studio, lic_may_check)],
    )  # fmt: skip
