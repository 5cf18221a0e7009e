"""Voice: write, choose who says it and how, hear it, keep it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import StudioError, UserError
from core.voice.cleaning import MAX_CHARACTERS
from core.voice.engine import EMOTIONS
from core.voice.estimate import Engine
from core.voice.gallery import default_voice
from core.voice.types import SpeechRequest
from ui_gradio import drafts, limits
from ui_gradio.errors import actor_of, submitting
from ui_gradio.examples import SCRIPT
from ui_gradio.parts import heading, part, routing, shell, voice_presets
from ui_gradio.parts.captions import captions
from ui_gradio.parts.cast import cast, shown, speakers
from ui_gradio.parts.dictionary import dictionary
from ui_gradio.parts.longform import longform
from ui_gradio.parts.panel import panel
from ui_gradio.parts.polish import CHOICES
from ui_gradio.parts.rows import clock
from ui_gradio.parts.script_file import script_file
from ui_gradio.parts.takes import takes
from ui_gradio.parts.voices import voices

_MARKUP = (
    ("# Opening", "names a section; a heading is not spoken"),
    ("[pause 500ms]", "waits; also [pause 1.5s]"),
    ("[speed 0.8]slower[/speed]", "times the speed below"),
    ("[pitch -2]lower[/pitch]", "semitones on top of the pitch below"),
    ("[range 0.3]flatter[/range]", "times the liveliness below"),
    ("[voice Emma]her words[/voice]", "another voice for some words"),
    ("[emotion sad]so[/emotion]", "how it is meant, where the engine acts"),
    ("ANNA: Who is there?", "her line: the cast below the script gives her a voice"),
    ("# Night {voice: Emma, speed: 0.9, pitch: -2, emotion: sad, pause: 1s}", "a section with settings of its own"),
)
_UNMOVED = {"stability": 0.5, "similarity": 0.75, "style": 0}
# The chosen voice, the cast and the preset live in the browser; the scripts of their parts keep them there.
_WITH_VOICE = """(text, voice, people, preset, ...rest) => [text, localStorage.getItem('studio-voice') || '',
  window.st && st.cast ? st.cast() : '{}', localStorage.getItem('studio-preset') || '', ...rest]"""


def build(studio: Studio, live: gr.HTML, page: gr.Blocks) -> None:
    shell.header("Voice", "Write it, choose who says it, hear it. The embedded voices speak on your machine, free.")
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            with gr.Column(elem_classes="card ed", min_width=0):
                script = gr.Textbox(
                    SCRIPT, lines=8, max_lines=18, label="Script", show_label=False, container=False,
                    elem_classes="script", elem_id="script", placeholder="Write or paste what should be said",
                )  # fmt: skip
                script_file()
                casting = cast()
                with gr.Row(elem_classes="foot"):
                    estimate = part("<div class='est' role='status'>{{#if value.wrong}}<span class='wrong'>{{value.wrong}}</span>{{/if}}<span>{{value.facts}}{{#if value.route}}<small class='route'>{{value.route}}</small>{{/if}}</span><b>{{value.price}} <small>{{value.where}}</small></b></div>",
                                    value=_estimate(studio, LOCAL, {"text": SCRIPT}), min_width=160)  # fmt: skip
                    preview = gr.Button("Preview", size="lg", scale=0, min_width=96, elem_id="voice-preview")
                    generate = gr.Button("Generate", variant="primary", size="lg", scale=0, min_width=130,
                                         elem_id="voice-generate")  # fmt: skip
            shell.progress(studio, "speech batch narration scripts")
            with gr.Column(elem_classes="card", min_width=0):
                heading("Takes", "Preview is a short draft that is not kept; every take is in the library.")
                takes(studio, "voiceover", "Press Generate: the take appears here, ready to play.")
            with gr.Column(elem_classes="card", min_width=0):
                captions(studio)
            beneath = gr.Column(min_width=0)
            with gr.Accordion("Markup for sections, pauses and delivery", open=False, elem_classes="card acc"):
                rows = "".join(f"<code>{code}</code><span>{what}</span>" for code, what in _MARKUP)
                part(f"<div class='help'>{rows}</div>")
        with gr.Column(scale=4, min_width=320, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Voice")
                saved = voice_presets.presets(studio)
                wishes = routing.controls()
                gallery = voices(studio)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Delivery")
                speed = gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Speed", buttons=[], interactive=True)
                pitch = gr.Slider(-12, 12, 0, step=0.5, label="Pitch (semitones)", buttons=[], interactive=True)
                polish = gr.Dropdown(CHOICES, value="", label="Sound", interactive=True, elem_id="voice-sound")
                with gr.Accordion("Liveliness and pauses", open=False, elem_classes="flat"):
                    span = gr.Slider(0, 2, 1.0, step=0.1, label="Liveliness", info="0 flat · 1 the voice's own · 2 lively",
                                     buttons=[], interactive=True)  # fmt: skip
                    sentence = gr.Slider(0, 2000, 250, step=50, label="Pause between sentences (ms)", buttons=[],
                                         interactive=True)  # fmt: skip
                    paragraph = gr.Slider(0, 4000, 600, step=50, label="Pause between paragraphs (ms)", buttons=[],
                                          interactive=True)  # fmt: skip
                with gr.Accordion("Acting", open=True, elem_classes="flat", visible=False) as acting:
                    model = gr.Dropdown([], label="Model", interactive=True, visible=False)
                    emotion = gr.Dropdown(
                        [("As the text has it", ""), *((name.capitalize(), name) for name in EMOTIONS)], value="",
                        label="Emotion", interactive=True, visible=False,
                    )  # fmt: skip
                    instructions = gr.Textbox(label="Instructions", lines=2, visible=False, interactive=True,
                                              placeholder="How to say it: warm, close, a little tired")  # fmt: skip
                    stability = gr.Slider(0, 1, _UNMOVED["stability"], step=0.05, label="Stability", info="0 free · 1 even", buttons=[],
                                          interactive=True, visible=False)  # fmt: skip
                    similarity = gr.Slider(0, 1, _UNMOVED["similarity"], step=0.05, label="Clarity and similarity", buttons=[],
                                           interactive=True, visible=False)  # fmt: skip
                    style = gr.Slider(0, 1, _UNMOVED["style"], step=0.05, label="Style exaggeration", buttons=[], interactive=True,
                                      visible=False)  # fmt: skip
                with gr.Accordion("Engines in my order", open=False, elem_classes="flat"):
                    engines = routing.preferences()
                with gr.Accordion("Pronunciation", open=False, elem_classes="flat"):
                    dictionary(studio)
            panel(studio, "voiceover")
    # Its value is filled in by _WITH_VOICE on the way to the server.
    chosen = gr.Textbox(visible="hidden")
    people = gr.Textbox(visible="hidden")
    delivery = [speed, pitch, span, sentence, paragraph, polish]
    preset = gr.Textbox(visible="hidden")
    acts = {"emotion": emotion, "instructions": instructions, "stability": stability, "similarity": similarity,
            "style": style}  # fmt: skip

    def given(text: str, voice: str, preset: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """What the engine of the voice obeys; the rest is hidden, so it may not count."""
        request = {
            "text": text, "voice": voice, "speed": values[0], "pitch": values[1], "range": values[2],
            "sentence_pause_ms": int(values[3]), "paragraph_pause_ms": int(values[4]), "sound": values[5] or "",
        }  # fmt: skip
        chosen, *acted = values[6:-3]
        quality, stand_in, language = (value or "" for value in values[-3:])
        # A slider that nobody moved is the engine's own value, and leaves room for what an emotion sets.
        moved = {name: value if value != _UNMOVED.get(name) else None for name, value in zip(acts, acted, strict=True)}
        # Of a preset counts what has no control here: what has one is as it stands on the page, moved or not.
        stands = {name: value for name, value in moved.items() if value is not None or (preset and name in _UNMOVED)}
        wished = {"quality": quality, "stand_in": stand_in, "language": language}
        return request | {"model": chosen or ""} | stands | wished | ({"preset": preset} if preset else {})

    def obeyed(actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        engine = _engine(studio, actor, request["voice"])
        dropped = {*acts, "range"} - engine.obeys
        if request["model"] not in engine.models or len(engine.models) < 2:
            dropped.add("model")
        dropped |= routing.unobeyed(engine, request["model"] if "model" not in dropped else "", request["quality"])
        return {name: value for name, value in request.items() if name not in dropped}

    def look(
        request: gr.Request, text: str, voice: str, people: str, preset: str, *values: Any
    ) -> tuple[Any, Any, Any, Any]:  # fmt: skip
        actor = actor_of(studio, request)
        named = speakers(studio, actor, text, voice, people)
        facts = _estimate(
            studio, actor, lambda: obeyed(actor, given(text, voice, preset, values)) | {"speakers": named}
        )
        ready = gr.update(interactive=not facts["wrong"] and bool(text.strip()))
        return facts, ready, ready, shown(studio, actor, text, voice, people)

    def show(event: gr.EventData, request: gr.Request, held: str, quality: str) -> list[Any]:
        """Only what the chosen voice's engine obeys."""
        engine = _engine(studio, actor_of(studio, request), str(event._data.get("id", "")))
        return [*fitting(engine, held, quality), *routing.fitting(engine, held, quality)]

    def refit(request: gr.Request, voice: str, held: str, quality: str) -> list[Any]:
        """The same after another model or quality."""
        engine = _engine(studio, actor_of(studio, request), voice)
        shown = [each if "visible" in each else gr.update() for each in fitting(engine, held, quality)]
        if quality or held in engine.models:  # its value stays: it may be what was changed
            shown[1] = gr.update(visible=len(engine.models) > 1 and not quality)
        return [*shown, *routing.fitting(engine, held, quality)]

    def fitting(engine: Engine, held: str, quality: str = "") -> list[Any]:
        can, models = engine.obeys - routing.unobeyed(engine, held, quality), list(engine.models) if not quality else []
        several = len(models) > 1
        kept = held if held in models else (engine.default_model if several else None)
        return [
            gr.update(visible=several or any(name in can for name in acts)),
            gr.update(choices=models if several else [], value=kept, visible=several),
            *(gr.update(visible=name in can) for name in acts),
            gr.update(visible="range" in can),
        ]

    def use(event: gr.EventData, request: gr.Request) -> list[Any]:
        """The form as a preset has it: what its engine obeys, with its values; those it does not name at their usual."""
        actor = actor_of(studio, request)
        held = studio.voice.presets.get(actor, str(event._data.get("id", ""))).settings
        engine, named = _engine(studio, actor, str(held["voice"])), str(held.get("model", ""))
        acts_at_all, models, *shows = fitting(engine, named)
        routed = [gr.update(value=""), *routing.fitting(engine, named, "")]
        routed[2] |= {"value": held.get("language", "")}
        always = ["speed", "pitch", "sentence_pause_ms", "paragraph_pause_ms", "sound"]
        usual = {name: SpeechRequest.model_fields[name].default for name in (*acts, "range", *always)} | _UNMOVED
        shows += [gr.update() for _ in always]
        values = [held.get(name, value) for name, value in usual.items()]
        held_shows = [each | {"value": value} for each, value in zip(shows, values, strict=True)]
        return [acts_at_all, models, *held_shows, *routed]

    def settings(actor: Actor, voice: str, *values: Any) -> dict[str, Any]:
        """What a preset keeps of the form."""
        request = obeyed(actor, given("", voice or default_voice().id, "", values))
        left_out = ("text", "quality", "stand_in")
        return {name: value for name, value in request.items() if name not in left_out and value != ""}

    def spoken(actor: Actor, text: str, voice: str, people: str, preset: str, *values: Any) -> dict[str, Any]:
        """What the page asks for, whole."""
        request = obeyed(actor, given(text, voice, preset, values))
        return request | {"speakers": speakers(studio, actor, text, voice, people)}

    def booked(actor: Actor, *values: Any) -> dict[str, Any]:
        """The same for a book: one voice, named, for all of it."""
        request = spoken(actor, *values)
        if request.pop("quality", ""):
            raise UserError(
                "A quality chooses a voice for one take; a book is spoken by a voice that you choose.",
                "Set Quality to “The voice I choose”.",
            )
        return {name: value for name, value in request.items() if name != "stand_in"}

    def submit(actor: Actor, draft: bool, *values: Any) -> dict[str, Any]:
        request = spoken(actor, *values) | {"draft": draft}
        # Someone waits for a preview with the headphones on: it goes first.
        job = studio.voice.speak(
            actor, priority="urgent" if draft else "normal", by_sentence=draft, **limits.speech(studio, actor, request)
        )
        return {"jobs": [job.id], "play": True, "stream": f"/api/voice/stream/{job.id}" if draft else ""}

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    everything = [*delivery, model, *acts.values(), *wishes.all]
    fits = [acting, model, *acts.values(), span, wishes.stand_in, wishes.language]
    told = gallery.chosen(show, [model, wishes.quality], fits, queue=False, **quiet)
    refitted = gr.on(
        [model.change, wishes.quality.change], refit, [chosen, model, wishes.quality], fits, queue=False,
        js="(voice, ...rest) => [localStorage.getItem('studio-voice') || '', ...rest]", **quiet,
    )  # fmt: skip
    reordered = engines.changed(None, None, people, js="() => ''", **quiet)
    recast = casting.recast(None, None, people, js="() => ''", **quiet)
    filled = saved.used(
        use,
        None,
        [acting, model, *acts.values(), span, speed, pitch, sentence, paragraph, polish, *wishes.all],
        queue=False,
        **quiet,
    )
    saved.kept(voice_presets.keeping(studio, settings), [chosen, *everything], live, queue=False,
               js="(voice, ...rest) => [localStorage.getItem('studio-voice') || '', ...rest]", **quiet)  # fmt: skip
    restored = drafts.keep(page, "voice-2", [script, *delivery, *acts.values(), *wishes.all])
    asked = [script, chosen, people, preset, *everything]
    drafts.follow(
        [script.change, speed.release, *(each.change for each in wishes.all[1:])],
        [told, restored, recast, filled, refitted, reordered], look, asked,
        [estimate, preview, generate, casting], queue=False, js=_WITH_VOICE, **quiet,
    )  # fmt: skip
    with beneath:
        longform(studio, live, booked, asked, _WITH_VOICE)
    for button, draft in ((preview, True), (generate, False)):
        button.click(
            submitting(studio, lambda actor, *values, draft=draft: submit(actor, draft, *values)),
            asked, live, js=_WITH_VOICE, queue=False, trigger_mode="multiple", **quiet,
        )  # fmt: skip


def _engine(studio: Studio, actor: Actor, voice: str) -> Engine:
    """The one that speaks with a voice; the embedded one for a voice that is no more."""
    try:
        return studio.voice.engine(actor, voice)
    except StudioError:
        return studio.voice.engine(actor, "")


def _estimate(studio: Studio, actor: Actor, request: Callable[[], dict[str, Any]] | dict[str, Any]) -> dict[str, str]:
    """Characters, length, sections and price; what is wrong with the markup before anything is made."""
    free = {"price": "$0.00", "where": "on this machine"}
    values = request() if callable(request) else request
    text = str(values.get("text") or "")
    if not text.strip():
        return {"facts": "Nothing to speak yet", "wrong": "", **free}
    facts = f"{len(text):,} of {MAX_CHARACTERS:,} characters"
    try:
        found = studio.voice.estimate(actor, **values)
    except StudioError as error:
        return {"facts": facts, "wrong": f"{error.message} {error.hint}", **free}
    more = f" · {found.sections} section{'s' if found.sections > 1 else ''}" if found.sections else ""
    price = {"price": f"up to ${found.usd:.4f}", "where": " and ".join(found.sellers)} if found.sellers else free
    beside = f"May stand in: {', '.join(found.stand_ins)}" if found.stand_ins else ""
    why = ". ".join(told for told in (found.route[:1].upper() + found.route[1:], beside) if told)
    return {"facts": f"{facts} · about {clock(found.seconds)}{more}", "wrong": "", "route": why, **price}
