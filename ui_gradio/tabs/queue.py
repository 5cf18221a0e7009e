"""Queue: what runs, what waits, what went wrong and how to mend it; what is planned, what happens by itself, and all
that ever was; and many lines as one batch."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.voice.pieces import KIND as SPEECH
from ui_gradio import limits
from ui_gradio.errors import submitting
from ui_gradio.parts import heading, shell
from ui_gradio.parts.automations import automations
from ui_gradio.parts.history import history
from ui_gradio.parts.jobtable import jobtable
from ui_gradio.parts.queueviews import queueviews
from ui_gradio.parts.schedules import schedules
from ui_gradio.parts.scriptfiles import scriptfiles

MOST = 500
_WITH_VOICE = "(lines, voice) => [lines, localStorage.getItem('studio-voice') || '']"


def build(studio: Studio, live: gr.HTML) -> None:
    shell.header(
        "Queue", "<span class='queue-line'>What runs and what waits</span>",
        "<button type='button' class='tb pause-all' hidden>Pause the queue</button>",
    )  # fmt: skip
    with gr.Column(elem_classes="page one"):
        queueviews()
        with gr.Column(elem_classes="card flush qv-schedules", min_width=0):
            schedules(studio)
        with gr.Column(elem_classes="card flush qv-automation", min_width=0):
            automations(studio)
        with gr.Column(elem_classes="card flush qv-history", min_width=0):
            history()
        with gr.Column(elem_classes="card flush qv-now", min_width=0):
            jobtable(studio)
        with gr.Accordion("Many lines at once", open=False, elem_classes="card acc qv-now"):
            heading(
                "A batch",
                "One line, one take, in the voice chosen under Voice. A line that fails takes no other with it.",
            )
            lines = gr.Textbox(
                "", lines=5, max_lines=14, label="Lines", show_label=False, container=False, elem_classes="prompt",
                elem_id="batch-lines", placeholder="Welcome to chapter one.\nTurn left at the harbour.\nThank you for listening.",
            )  # fmt: skip
            with gr.Row(elem_classes="foot"):
                start = gr.Button("Speak all lines", variant="primary", size="lg", scale=0, min_width=160,
                                  interactive=False, elem_id="batch-start")  # fmt: skip
            scriptfiles(studio, live)
    voice = gr.Textbox(visible="hidden")
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    lines.change(
        lambda text: gr.update(interactive=bool(text.strip())), lines, start, trigger_mode="always_last", **quiet
    )
    start.click(
        submitting(studio, lambda actor, text, voice: _submit(studio, actor, text, voice)), [lines, voice], live,
        js=_WITH_VOICE, **quiet,
    )  # fmt: skip


def _submit(studio: Studio, actor: Actor, text: str, voice: str) -> dict[str, Any]:
    wanted = [line.strip() for line in text.splitlines() if line.strip()]
    if len(wanted) > MOST:
        raise UserError(f"{len(wanted):,} lines are too many for one batch.", f"Give at most {MOST}.")
    items = []
    for number, line in enumerate(wanted, 1):
        try:
            values = limits.speech(studio, actor, {"text": line, "voice": voice})
            request = studio.voice.request(actor, **values)
        except StudioError as error:
            raise type(error)(f"Line {number}: {error.message}", error.hint, error.code) from None
        items.append({"kind": SPEECH, "request": request.model_dump(mode="json"), "title": line[:60]})
    job = studio.batches.submit(actor, items, title=f"{len(items)} lines: {wanted[0][:40]}")
    return {"jobs": [job.id], "said": f"{len(items)} lines are in the queue."}
