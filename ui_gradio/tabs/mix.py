"""Mix: voice over music, ducked, faded and brought to a loudness; every render a version that can be opened again."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from core.app import Studio
from core.audio import loudness
from core.kit.actor import Actor
from core.kit.errors import NotFound, UserError
from core.sound.projects import voice_over_music
from core.store.assets import Asset
from ui_gradio import drafts, limits
from ui_gradio.errors import submitting
from ui_gradio.parts import heading, part, shell
from ui_gradio.parts.mixdesk import desk
from ui_gradio.parts.multitrack import multitrack
from ui_gradio.parts.panel import panel
from ui_gradio.parts.takes import takes
from ui_gradio.parts.timeline import timeline

# The desk lives in the browser; it travels with the click.
_WITH_DESK = "(desk, ...rest) => [localStorage.getItem('studio-desk') || '{}', ...rest]"


def build(studio: Studio, live: gr.HTML, page: gr.Blocks) -> None:
    shell.header(
        "Mix", "Cut on the timeline, or lay a voice over music. Levels and loudness are measured, not guessed."
    )
    with gr.Column(elem_classes="page one mtpage", min_width=0), gr.Column(elem_classes="card", min_width=0):
        multitrack(studio)
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            with gr.Column(elem_classes="card", min_width=0):
                timeline(studio)
            shell.progress(studio, "mix")
            with gr.Column(elem_classes="card", min_width=0):
                opened = desk(studio)
                with gr.Row(elem_classes="foot"):
                    name = gr.Textbox("", label="Name", show_label=False, container=False, elem_classes="prompt", placeholder="Name of the piece",
                                      max_length=200, min_width=160, elem_id="mix-name")  # fmt: skip
                    part("<div class='est'><b>$0.00 <small>on this machine</small></b></div>", min_width=110)
                    render = gr.Button("Render mix", variant="primary", size="lg", scale=0, min_width=140,
                                       elem_id="mix-render")  # fmt: skip
            with gr.Column(elem_classes="card", min_width=0):
                heading("Mixes")
                takes(studio, "mix", "Your mixes appear here.")
        with gr.Column(scale=4, min_width=320, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Levels")
                voice_gain = _slider("Voice (dB)", -24, 12, 0, 0.5)
                music_gain = _slider("Music (dB)", -36, 12, -6, 0.5)
                polish = gr.Checkbox(False, label="Polish the voice: low cut at 80 Hz, gentle compression", interactive=True,
                                     elem_id="mix-polish")  # fmt: skip
                with gr.Accordion("Panorama", open=False, elem_classes="flat"):
                    voice_pan = _slider("Voice, left to right", -1, 1, 0, 0.05)
                    music_pan = _slider("Music, left to right", -1, 1, 0, 0.05)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Ducking")
                duck = _slider("Music under the voice (dB down)", 0, 30, 10, 0.5)
                with gr.Accordion("Attack and release", open=False, elem_classes="flat"):
                    attack = _slider("Attack (s)", 0.01, 2, 0.25, 0.01)
                    release = _slider("Release (s)", 0.05, 5, 0.8, 0.05)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Form and loudness")
                intro = _slider("Music before the voice (s)", 0, 20, 1.5, 0.1)
                tail = _slider("Music after the voice (s)", 0, 20, 2.5, 0.1)
                with gr.Accordion("Fades", open=False, elem_classes="flat"):
                    fade_in = _slider("Fade in (s)", 0, 10, 0.5, 0.1)
                    fade_out = _slider("Fade out (s)", 0, 20, 2.0, 0.1)
                target = gr.Dropdown(
                    [(f"{one.title} · {one.lufs:g} LUFS", key) for key, one in loudness.targets().items()],
                    value="streaming", label="Loudness", interactive=True,
                )  # fmt: skip
            panel(studio, "mix")
    carried = gr.Textbox(visible="hidden")
    form = {
        "voice_gain_db": voice_gain, "music_gain_db": music_gain, "voice_pan": voice_pan, "music_pan": music_pan,
        "duck_db": duck, "attack_s": attack, "release_s": release, "fade_in_s": fade_in, "fade_out_s": fade_out,
        "intro_s": intro, "tail_s": tail, "polish_voice": polish, "target": target,
    }  # fmt: skip
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

    def submit(actor: Actor, text: str, title: str, *values: Any) -> dict[str, Any]:
        chosen = _read(text)
        settings = dict(zip(form, values, strict=True))
        limits.may_submit(studio, actor)
        voices = _assets(studio, actor, chosen["voices"])
        beds = _assets(studio, actor, [chosen["bed"]] if chosen["bed"] else [])
        if not voices and not beds:
            raise UserError("There is nothing on the desk.", "Choose a voice, a piece of music, or both.")
        document = voice_over_music(voices, beds[0] if beds else None, **settings)
        title = " ".join((title or "").split()) or " over ".join(one.name for one in [*voices[:1], *beds])[:120]
        try:
            row, _ = studio.projects.open(actor, chosen["project"]) if chosen["project"] else (None, None)
        except NotFound:
            row = None
        if row is None:
            row = studio.projects.create(actor, title, document)
        else:
            row = studio.projects.save(actor, row.id, row.version, document, f"Rendered as {title}"[:200])
        job = studio.sound.render(actor, row.id, row.version, name=title)
        return {"jobs": [job.id], "play": True, "project": row.id, "version": row.version}

    def put_back(event: gr.EventData) -> list[Any]:
        settings = event._data
        return [settings.get(field, gr.skip()) for field in form]

    render.click(
        submitting(studio, submit), [carried, name, *form.values()], live, js=_WITH_DESK, trigger_mode="multiple",
        **quiet,
    )  # fmt: skip
    opened.opened(put_back, None, list(form.values()), **quiet)
    drafts.keep(page, "mix-1", list(form.values()))


def _slider(label: str, low: float, high: float, value: float, step: float) -> gr.Slider:
    return gr.Slider(low, high, value, step=step, label=label, buttons=[], interactive=True)


def _read(text: str) -> dict[str, Any]:
    """The desk as the browser kept it: ids and nothing else, whatever it sends."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        data = {}
    data = data if isinstance(data, dict) else {}
    voices = data.get("voices") if isinstance(data.get("voices"), list) else []
    return {
        "voices": [str(one) for one in voices[:50]], "bed": str(data.get("bed") or ""),
        "project": str(data.get("project") or ""),
    }  # fmt: skip


def _assets(studio: Studio, actor: Actor, ids: list[str]) -> list[Asset]:
    return [studio.library.get(actor, one) for one in ids]
