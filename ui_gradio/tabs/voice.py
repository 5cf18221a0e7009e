"""Voice: write, choose who says it and how, hear it, keep it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.voice.cleaning import MAX_CHARACTERS, clean
from core.voice.gallery import find_voice
from core.voice.languages import estimate_seconds
from core.voice.text import parse
from ui_gradio import drafts, limits
from ui_gradio.errors import submitting
from ui_gradio.examples import SCRIPT
from ui_gradio.parts import heading, part, shell
from ui_gradio.parts.captions import captions
from ui_gradio.parts.dictionary import dictionary
from ui_gradio.parts.panel import panel
from ui_gradio.parts.rows import clock
from ui_gradio.parts.takes import takes
from ui_gradio.parts.voices import voices

_MARKUP = (
    ("# Opening", "names a section; a heading is not spoken"),
    ("[pause 500ms]", "waits; also [pause 1.5s]"),
    ("[speed 0.8]slower[/speed]", "times the speed below"),
    ("[pitch -2]lower[/pitch]", "semitones on top of the pitch below"),
    ("[range 0.3]flatter[/range]", "times the liveliness below"),
    ("[voice Emma]her words[/voice]", "another voice for some words"),
)
# The chosen voice lives in the browser; the script of the gallery keeps it there.
_WITH_VOICE = "(text, voice, ...rest) => [text, localStorage.getItem('studio-voice') || '', ...rest]"


def build(studio: Studio, live: gr.HTML, page: gr.Blocks) -> None:
    shell.header("Voice", "Write it, choose who says it, hear it. Spoken on your machine, free.")
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            with gr.Column(elem_classes="card ed", min_width=0):
                script = gr.Textbox(
                    SCRIPT, lines=8, max_lines=18, label="Script", show_label=False, container=False,
                    elem_classes="script", elem_id="script", placeholder="Write or paste what should be said",
                )  # fmt: skip
                with gr.Row(elem_classes="foot"):
                    estimate = part("<div class='est' role='status'>{{#if value.wrong}}<span class='wrong'>{{value.wrong}}</span>{{/if}}<span>{{value.facts}}</span><b>$0.00 <small>on this machine</small></b></div>",
                                    value=_estimate(SCRIPT, "", 1.0), min_width=160)  # fmt: skip
                    preview = gr.Button("Preview", size="lg", scale=0, min_width=96, elem_id="voice-preview")
                    generate = gr.Button("Generate", variant="primary", size="lg", scale=0, min_width=130,
                                         elem_id="voice-generate")  # fmt: skip
            shell.progress(studio, "speech batch")
            with gr.Column(elem_classes="card", min_width=0):
                heading("Takes", "Preview is a short draft that is not kept; every take is in the library.")
                takes(studio, "voiceover", "Press Generate: the take appears here, ready to play.")
            with gr.Column(elem_classes="card", min_width=0):
                captions(studio)
            with gr.Accordion("Markup for sections, pauses and delivery", open=False, elem_classes="card acc"):
                rows = "".join(f"<code>{code}</code><span>{what}</span>" for code, what in _MARKUP)
                part(f"<div class='help'>{rows}</div>")
        with gr.Column(scale=4, min_width=320, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Voice")
                voices(studio)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Delivery")
                speed = gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Speed", buttons=[], interactive=True)
                pitch = gr.Slider(-12, 12, 0, step=0.5, label="Pitch (semitones)", buttons=[], interactive=True)
                with gr.Accordion("Liveliness and pauses", open=False, elem_classes="flat"):
                    span = gr.Slider(0, 2, 1.0, step=0.1, label="Liveliness", info="0 flat · 1 the voice's own · 2 lively",
                                     buttons=[], interactive=True)  # fmt: skip
                    sentence = gr.Slider(0, 2000, 250, step=50, label="Pause between sentences (ms)", buttons=[],
                                         interactive=True)  # fmt: skip
                    paragraph = gr.Slider(0, 4000, 600, step=50, label="Pause between paragraphs (ms)", buttons=[],
                                          interactive=True)  # fmt: skip
                with gr.Accordion("Pronunciation", open=False, elem_classes="flat"):
                    dictionary(studio)
            panel(studio, "voiceover")
    # Its value is filled in by _WITH_VOICE on the way to the server.
    chosen = gr.Textbox(visible="hidden")
    delivery = [speed, pitch, span, sentence, paragraph]

    def look(text: str, voice: str, speed: float) -> tuple[Any, Any, Any]:
        facts = _estimate(text, voice, speed)
        ready = gr.update(interactive=not facts["wrong"] and bool(text.strip()))
        return facts, ready, ready

    def submit(actor: Actor, draft: bool, text: str, voice: str, *values: float) -> dict[str, Any]:
        request = {
            "text": text, "voice": voice, "speed": values[0], "pitch": values[1], "range": values[2],
            "sentence_pause_ms": int(values[3]), "paragraph_pause_ms": int(values[4]), "draft": draft,
        }  # fmt: skip
        # Someone waits for a preview with the headphones on: it goes first.
        job = studio.voice.speak(
            actor, priority="urgent" if draft else "normal", **limits.speech(studio, actor, request)
        )
        return {"jobs": [job.id], "play": True}

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    gr.on(
        [script.change, speed.release], look, [script, chosen, speed], [estimate, preview, generate], queue=False,
        trigger_mode="always_last", js=_WITH_VOICE, **quiet,
    )  # fmt: skip
    for button, draft in ((preview, True), (generate, False)):
        button.click(
            submitting(studio, lambda actor, *values, draft=draft: submit(actor, draft, *values)),
            [script, chosen, *delivery], live, js=_WITH_VOICE, queue=False, trigger_mode="multiple", **quiet,
        )  # fmt: skip
    restored = drafts.keep(page, "voice-1", [script, *delivery])
    restored.then(look, [script, chosen, speed], [estimate, preview, generate], queue=False, js=_WITH_VOICE, **quiet)


def _estimate(text: str, voice: str, speed: float) -> dict[str, str]:
    """Characters, length and sections; what is wrong with the markup before anything is made."""
    text = text or ""
    facts = f"{len(text):,} of {MAX_CHARACTERS:,} characters"
    if not text.strip():
        return {"facts": "Nothing to speak yet", "wrong": ""}
    try:
        language = find_voice(voice).language
        segments = parse(clean(text), language)
    except StudioError as error:
        return {"facts": facts, "wrong": f"{error.message} {error.hint}"}
    seconds = estimate_seconds(clean(text), language, float(speed or 1.0))
    sections = len({segment.section for segment in segments if segment.section})
    more = f" · {sections} section{'s' if sections > 1 else ''}" if sections else ""
    return {"facts": f"{facts} · about {clock(seconds)}{more}", "wrong": ""}
