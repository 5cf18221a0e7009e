"""Music: describe it, see how it is understood, correct it, hear several, take the stems."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.music.composer.instruments import INSTRUMENTS
from core.music.service import ENDINGS, GENRES, INTENSITIES, MOODS
from ui_gradio import drafts, limits
from ui_gradio.errors import actor_of, submitting
from ui_gradio.examples import PROMPT
from ui_gradio.parts import heading, music_engine, part, reading, shell, styles
from ui_gradio.parts.effects import effects
from ui_gradio.parts.hearing import STREAM, hearing
from ui_gradio.parts.panel import panel
from ui_gradio.parts.piece import piece
from ui_gradio.parts.takes import takes
from ui_gradio.parts.templates import keeping, saving

OPEN = ""
"""A field left to the prompt, or to the composer."""
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_ENDINGS = {"resolve": "Resolve on the tonic", "fade": "Fade out", "cut": "Stop dead"}
MOST_VARIANTS = 4
_FIELDS = (
    "prompt", "mood", "genre", "intensity", "seconds", "bpm", "key", "instruments", "ending", "loopable", "seed", "lock",
    "variants", "hear",
)  # fmt: skip
_OWN = ("seed", "lock", "variants")
_ENGINES_OWN = ("provider", "quality", "model", "melody", "best_of", "fresh", *music_engine.SAMPLING)
_WHOLE = ("top_k", "steps")


def build(studio: Studio, live: gr.HTML, page: gr.Blocks) -> None:
    shell.header(
        "Music", "Composed by the studio's own engine, free for commercial use, or by a model or service you choose."
    )
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=4, min_width=320, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Describe it")
                prompt = gr.Textbox(
                    PROMPT, lines=3, max_lines=8, label="Prompt", show_label=False, container=False,
                    elem_classes="prompt", elem_id="prompt", max_length=2000,
                    placeholder="calm ambient piano for a rainy evening, 60 seconds, D minor",
                )  # fmt: skip
                read = reading.reading()
                presets = part(
                    """<div class="presets" role="group" aria-label="Presets">{{#each value}}<button type="button" data-act="preset" data-id="{{this.id}}"><i class="{{this.id}}" aria-hidden="true">{{this.icon}}</i><b>{{this.name}}</b></button>{{/each}}</div>""",
                    script="presets", value=[dict(each.__dict__) for each in studio.music.presets()],
                )  # fmt: skip
            with gr.Column(elem_classes="card", min_width=0):
                who = music_engine.controls(studio)
            with gr.Column(elem_classes="card", min_width=0):
                mood = gr.Radio(_choices(MOODS), value=OPEN, label="Mood", elem_classes="chips", interactive=True)
                genre = gr.Radio(_choices(GENRES), value=OPEN, label="Genre", elem_classes="chips", interactive=True)
                intensity = gr.Radio(_choices(INTENSITIES), value=OPEN, label="Intensity", elem_classes="chips",
                                     interactive=True)  # fmt: skip
            with gr.Column(elem_classes="card", min_width=0):
                seconds = gr.Slider(3, 60 if studio.settings.demo else 600, 30, step=1, label="Length (seconds)",
                                    buttons=[], interactive=True, elem_id="music-seconds")  # fmt: skip
                with gr.Row(elem_classes="tight"):
                    bpm = gr.Textbox("", label="Tempo (BPM)", placeholder="open", max_length=12, min_width=100, interactive=True,
                                     elem_id="music-bpm")  # fmt: skip
                    keys = [("open", OPEN), *[f"{note} {scale}" for scale in ("major", "minor") for note in _NOTES]]
                    key = gr.Dropdown(keys, value=OPEN, label="Key", min_width=110, interactive=True)
                with gr.Accordion("Instruments, ending and seed", open=False, elem_classes="flat"):
                    instruments = gr.Dropdown(
                        [(one.title, one.id) for one in INSTRUMENTS.values()], multiselect=True, value=[],
                        label="Featured instruments", interactive=True,
                    )  # fmt: skip
                    with gr.Row(elem_classes="tight"):
                        ending = gr.Dropdown([(_ENDINGS[name], name) for name in ENDINGS], value="resolve",
                                             label="Ending", min_width=130, interactive=True)  # fmt: skip
                        loopable = gr.Checkbox(
                            False, label="Loops", min_width=80, elem_classes="lock", interactive=True
                        )
                    with gr.Row(elem_classes="tight"):
                        seed = gr.Textbox("", label="Seed", placeholder="drawn", max_length=12, min_width=120,
                                         interactive=True)  # fmt: skip
                        lock = gr.Checkbox(False, label="Keep it", min_width=80, elem_classes="lock", interactive=True)
                variants = gr.Radio([str(n) for n in range(1, MOST_VARIANTS + 1)], value="1", label="Variants side by side",
                                    elem_classes="chips", interactive=True)  # fmt: skip
                hear = gr.Checkbox(False, label="Hear it while it is made", interactive=True, elem_id="music-hear")
                style = styles.controls()
                save = saving()
            with gr.Column(elem_classes="card", min_width=0):
                estimate = music_engine.estimated()
            with gr.Row(elem_classes="go"):
                preview = gr.Button("Preview", size="lg", scale=0, min_width=96, elem_id="music-preview")
                generate = gr.Button("Generate", variant="primary", size="lg", scale=1, min_width=130,
                                     elem_id="music-generate")  # fmt: skip
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            shell.progress(studio, "music sound_effect style style_lora")
            hearing(studio)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Takes", "Variants of one request carry letters; Again draws a new seed.")
                takes(studio, "music", "Press Generate: the piece appears here, with stems and MIDI.", letters=True)
            with gr.Column(elem_classes="card", min_width=0):
                piece(studio)
            with gr.Column(elem_classes="card", min_width=0):
                effects(studio)
            panel(studio, "music")

    fields = {"mood": mood, "genre": genre, "bpm": bpm, "key": key, "intensity": intensity, "seconds": seconds,
              "instruments": instruments}  # fmt: skip
    form = [
        prompt,
        mood,
        genre,
        intensity,
        seconds,
        bpm,
        key,
        instruments,
        ending,
        loopable,
        seed,
        lock,
        variants,
        hear,
        *who.all,
    ]
    # A style is no draft: it may be gone at the next visit.
    asked = [*form, style.chosen]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

    def given(values: tuple[Any, ...]) -> dict[str, Any]:
        """The form as a request; `seed`, `lock` and `variants` are the button's own."""
        named = dict(zip(_FIELDS, values[: len(_FIELDS)], strict=True))
        named["bpm"] = _number("bpm", named["bpm"])
        named["instruments"] = tuple(named["instruments"] or ())
        if not named["hear"]:
            del named["hear"]
        *engines, chosen = values[len(_FIELDS) :]
        return named | ({"style": chosen} if chosen else {}) | music_engine.given(studio, tuple(engines), _setting)

    def look(request: gr.Request, *values: Any) -> tuple[Any, Any, Any, Any]:
        actor = actor_of(studio, request)
        text = values[0] or ""
        facts = music_engine.EMPTY
        if said := bool(text.strip() or values[1] or values[2] or values[-1]):
            try:
                wanted = {name: value for name, value in given(values).items() if name not in _OWN}
                facts = music_engine.told(studio, actor, wanted)
            except StudioError as error:
                facts = facts | {"wrong": f"{error.message} {error.hint}"}
        ready = gr.update(interactive=said and not facts["wrong"])
        # The free engine's preview is there whatever engine the piece itself is for.
        return _read(studio, text), facts, gr.update(interactive=said), ready

    def refit(request: gr.Request, name: str, quality: str) -> list[Any]:
        return music_engine.fitting(studio, actor_of(studio, request), name, quality)

    def length(text: str) -> Any:
        found = studio.music.read(text).seconds if text else None
        return min(max(found, 3), seconds.maximum) if found else gr.skip()

    def use(held: list[str], event: gr.EventData) -> list[Any]:
        """One chip into its field; all others stay."""
        field, value = event._data["field"], event._data["value"]
        if field == "instruments":
            new: Any = [*held, value] if value and value not in held else gr.skip()
        elif field == "seconds":
            new = float(value) if value else gr.skip()
        elif field == "bpm":
            new = f"{float(value):g}" if value else gr.skip()
        else:
            new = value or gr.skip()
        return [new if name == field else gr.skip() for name in fields]

    def preset(event: gr.EventData) -> Any:
        return next(each.prompt for each in studio.music.presets() if each.id == event._data["id"])

    def submit(actor: Actor, draft: bool, *values: Any) -> dict[str, Any]:
        named = given(values)
        count = int(named.pop("variants") or 1)
        base = _whole(named.pop("seed")) if named.pop("lock") else None
        if draft:  # whoever the piece itself is for: nothing of that engine's counts, and nothing is bought for it
            own = (*_ENGINES_OWN, "hear")
            named = {name: value for name, value in named.items() if name not in own} | {"seed": base}
            job = studio.music.preview(actor, priority="urgent", **limits.music(studio, actor, named)).job
            return {"jobs": [job.id], "play": True}
        made = []
        for n in range(count):
            request = named | {"seed": None if base is None else base + n}
            if n:
                request |= {"fresh": True, "hear": False}  # variants are asked for to differ; the first is listened to
            made.append(studio.music.compose(actor, **limits.music(studio, actor, request)))
        told: dict[str, Any] = {"jobs": [job.id for job in made], "play": True}
        if named.get("hear"):
            told |= {"stream": STREAM + made[0].id, "title": made[0].title, "seconds": made[0].request["seconds"]}
        return told

    fits = [who.engine, who.model, who.melody, *who.numbers.values(), who.soundfont, who.fresh, who.fold]
    restored = drafts.keep(page, "music-4", form)
    refitted = gr.on([who.engine.change, who.quality.change], refit, [who.engine, who.quality], fits, **quiet)
    styles.wire(studio, style, page, live, **quiet)
    save.kept(keeping(studio, given), asked, live, **quiet)
    drafts.follow(
        [each.change for each in asked if each not in (lock, variants)], [restored, refitted], look, asked,
        [read, estimate, preview, generate], **quiet,
    )  # fmt: skip
    prompt.blur(length, prompt, seconds, **quiet)
    read.use(use, instruments, list(fields.values()), **quiet)
    presets.preset(preset, None, prompt, **quiet)
    for button, draft in ((preview, True), (generate, False)):
        button.click(
            submitting(studio, lambda actor, *values, draft=draft: submit(actor, draft, *values)), asked, live,
            trigger_mode="multiple", **quiet,
        )  # fmt: skip


def _choices(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("Open", OPEN), *[(name.capitalize(), name) for name in names]]


def _read(studio: Studio, text: str) -> dict[str, Any]:
    return reading.shown(studio.music.read(text)) if (text or "").strip() else reading.EMPTY


def _number(field: str, text: Any) -> float | None:
    """A number as a person types it; empty is open."""
    typed = str(text or "").strip().replace(",", ".")
    if not typed:
        return None
    try:
        return float(typed)
    except ValueError:
        raise UserError(f"{field} = {typed[:40]!r} is not a number.", "Write digits, or leave it open.") from None


def _setting(field: str, text: Any) -> float | int | None:
    value = _number(field, text)
    if value is None or field not in _WHOLE:
        return value
    if not value.is_integer():
        raise UserError(f"{field.replace('_', ' ')} = {text} is no whole number.", "Write it without a fraction.")
    return int(value)


def _whole(text: Any) -> int | None:
    value = _number("seed", text)
    if value is None:
        return None
    if not value.is_integer() or not 0 <= value < 2**31 - MOST_VARIANTS:
        raise UserError(f"seed = {text} cannot be used.", "Give a whole number from 0 to 2147483000, or none.")
    return int(value)
