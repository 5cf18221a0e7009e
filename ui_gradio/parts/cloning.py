"""Two parts of the Clone tab: what a new voice is made from, and the voices there are. Records travel over the REST
paths; only training goes through the page, which knows what the public demo allows."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.paths import reference
from core.rights.consent import statement
from core.voice.references.samples import MOST
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part


def new_voice(studio: Studio) -> gr.HTML:
    languages = reference("voices/languages")["languages"]
    options = "".join(f'<option value="{code}">{facts["name"]}</option>' for code, facts in sorted(
        languages.items(), key=lambda item: str(item[1]["name"])) if "-" not in code)  # fmt: skip
    words = statement("{speaker}", "{voice}"), statement("{speaker}", "{voice}", commercial=False)
    return part(
        f"""<form class="nv"><label class="drop" tabindex="-1"><input type="file" name="files" accept="audio/*,video/*" multiple><b>Choose recordings, or drop them here</b>
<span>Up to {MOST}; WAV, FLAC, MP3, M4A, or a video with speech</span></label>
<div class="drow asks"><button type="button" class="tb" data-act="record">Record here</button><span class="dur rec"></span></div>
<div class="recs" role="list" aria-label="Recordings"></div><ul class="advice" aria-live="polite"></ul>
<div class="two"><label class="field"><span>Name of the voice</span><input class="inp" name="name" maxlength="80" placeholder="Narrator"></label>
<label class="field"><span>Language of the recordings</span><select class="inp" name="language"><option value="">Not said</option>{options}</select></label></div>
<label class="field"><span>Description</span><input class="inp" name="description" maxlength="300" placeholder="Warm, close, a little tired"></label>
<fieldset class="consent"><legend>Consent of the speaker</legend>
<label class="field"><span>Whose voice is it?</span><input class="inp" name="speaker" maxlength="120" placeholder="The speaker's full name"></label>
<label class="field"><span>Statement</span><textarea class="inp" name="statement" rows="3" maxlength="2000"></textarea></label>
<label class="ckl"><input type="checkbox" name="commercial" checked> The speaker allows commercial use</label>
<label class="ckl"><input type="checkbox" name="agreed"> I am the speaker, or the speaker has given me this statement</label>
<div class="drow asks"><button type="button" class="tb" data-act="speak">Record the statement</button><span class="dur said">optional: read it aloud</span></div></fieldset>
<fieldset class="engines"><legend>Learned by</legend></fieldset>
<div class="drow"><button type="button" class="tb ink" data-act="make" disabled>Make the voice</button></div></form>""",
        script="newvoice", words=list(words), most=MOST, functions=[door(studio, teach(studio)), door(studio, learners(studio))],
    )  # fmt: skip


def my_voices(studio: Studio) -> gr.HTML:
    return part(
        '<div class="mv"><div class="vtools"><input class="inp" type="search" placeholder="Search your voices" aria-label="Search your voices">'
        '<select class="inp" aria-label="Status"><option value="">Any status</option><option>trained</option><option>training</option>'
        '<option>pending</option><option>failed</option></select></div><div class="mlist" role="list" aria-label="Your voices"></div></div>',
        script="myvoices", functions=[door(studio, teach(studio)), door(studio, learners(studio))],
    )  # fmt: skip


def learners(studio: Studio) -> Any:
    def learners(_actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        found = studio.cloning.engines()
        return {"engines": [each.__dict__ for each in found]}

    return learners


def teach(studio: Studio) -> Any:
    def teach(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        engines = [str(name) for name in data.get("engines") or []]
        job = studio.cloning.train(actor, str(data.get("id", "")), engines)
        return {"job": job.id}

    return teach
