"""Automation: what is done by itself, as cards with a switch, a budget and a log; and a form for another rule."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import part

_CLIPS = 30


def automations(studio: Studio) -> gr.HTML:
    def clips_apart(actor: Actor, _: dict[str, Any]) -> dict[str, Any]:
        """For “run now”: the newest clips whose scenes are known."""
        found, _count = studio.video.list(actor, limit=_CLIPS)
        return {"clips": [{"id": row.id, "name": row.name} for row in found]}

    return part(
        """<form class="aform" aria-label="New automation"><div class="hd"><h2>Do something by itself</h2><p class="afrom"></p></div>
<div class="two"><label class="field"><span>When</span><select class="inp" name="when"><option value="scenes_processed">The scenes of a clip were found</option><option value="watch_folder">A film is put into a folder</option></select></label>
<label class="field"><span>Name</span><input class="inp" name="name" maxlength="80" placeholder="from what it does"></label>
<label class="field awatch" hidden><span>Folder</span><input class="inp" name="folder" maxlength="300" placeholder="inbox" spellcheck="false"></label>
<label class="field awatch" hidden><span>Rights in its films</span><select class="inp" name="licence"><option value="unknown">Not known yet</option><option value="uploaded-own">They are my own</option><option value="cc0-1.0">CC0: free for all</option></select></label></div>
<p class="anote awatch" hidden></p>
<div class="asteps"></div><div><button type="button" class="tb amore">+ Another step</button></div>
<template><div class="astep" role="group"><div class="two"><label class="field"><span>Then</span><select class="inp" data-f="what"><option value="generate_music_for_scenes">Make music for each scene</option><option value="score_clip">Score the clip: mixed and muxed</option><option value="take_apart">Find its scenes, no more</option></select></label>
<label class="field amake"><span>Engine of music</span><select class="inp" data-f="provider"><option value="">The studio's own: $0</option></select></label></div>
<div class="achecks"><label class="check amusic"><input type="checkbox" data-f="recommended" checked> Mood, genre and tempo as recommended for each scene</label>
<label class="check amake"><input type="checkbox" data-f="save"> Put the finished files into the export folder</label></div><button type="button" class="tb aless">Leave this step out</button></div></template>
<details class="smore"><summary>Budget of its own</summary><div class="two"><label class="field"><span>Most a run may cost ($)</span><input class="inp" name="cap_usd" inputmode="decimal" placeholder="no limit of its own"></label>
<label class="field"><span>Most a month may cost ($)</span><input class="inp" name="month_usd" inputmode="decimal" placeholder="no limit of its own"></label></div></details>
<div class="drow"><small>For what happens from now on. The studio's own caps hold too.</small><span class="acts"><button type="button" class="tb aclear" hidden>Leave it as it is</button><button class="tb ink" type="submit">Switch it on</button></span></div></form>
<div class="acards" aria-label="Automations"></div>
<p class="none" hidden>Nothing happens by itself yet. A rule made here acts while the studio runs, once for each clip.</p>""",
        script="automations", functions=[door(studio, clips_apart)], elem_id="automations",
    )  # fmt: skip
