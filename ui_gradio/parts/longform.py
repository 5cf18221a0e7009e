"""Long form: the script above as a book. Its chapters with length and price first, then one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.voice.chapters import MAX_BOOK_CHARACTERS
from ui_gradio import limits
from ui_gradio.errors import actor_of, submitting
from ui_gradio.parts import part
from ui_gradio.parts.rows import clock, money

Asked = Callable[..., dict[str, Any]]
"""(actor, text, voice, *settings) → the values of a speech, as the tab asks for it."""
_NONE: dict[str, Any] = {"rows": [], "wrong": "", "whole": "", "price": "", "where": ""}


def longform(studio: Studio, live: gr.HTML, asked: Asked, inputs: Sequence[Component], with_voice: str) -> None:
    """`inputs`: script, hidden field for the voice, settings: what `asked` takes. `with_voice`: fills in the voice."""
    with gr.Accordion(
        "Long form: make a book of it", open=False, elem_classes="card acc", elem_id="long-form"
    ) as opened:
        part(
            f"<p class='about'>Up to {MAX_BOOK_CHARACTERS:,} characters. A chapter begins at a line “# Title” or “Chapter 1”;"
            " a text without them is cut every 20,000 characters or so. One file, with chapter marks, cover and captions.</p>"
        )
        with gr.Row():
            title = gr.Textbox(
                label="Title", max_lines=1, max_length=200, placeholder="The first chapter's", elem_id="book-title"
            )
            author = gr.Textbox(label="Author", max_lines=1, max_length=200, elem_id="book-author")
            form = gr.Dropdown([("M4B, for audiobook players", "m4b"), ("MP3 with chapters", "mp3")], value="m4b",
                               label="Format", interactive=True, min_width=150)  # fmt: skip
        cover = gr.File(label="Cover: JPEG or PNG (a plain one is made otherwise)", file_types=[".jpg", ".jpeg", ".png"],
                        height=150, elem_id="book-cover")  # fmt: skip
        found = part(
            """<div class="chapters" aria-live="polite">{{#if value.wrong}}<p class="wrong" role="alert">{{value.wrong}}</p>{{/if}}
{{#if value.whole}}<ol>{{#each value.rows}}<li><b>{{this.title}}</b><span>{{this.characters}}</span><span>{{this.length}}</span><span>{{this.price}}</span></li>{{/each}}</ol>
<div class="est"><span>{{value.whole}}</span><b>{{value.price}} <small>{{value.where}}</small></b></div>{{/if}}</div>""",
            value=_NONE, elem_id="book-chapters",
        )  # fmt: skip
        with gr.Row(elem_classes="foot"):
            listed = gr.Button("List the chapters", size="lg", scale=0, min_width=190, elem_id="book-list")
            start = gr.Button(
                "Make the book", variant="primary", size="lg", scale=0, min_width=150, elem_id="book-start"
            )

    def look(request: gr.Request, text: str, voice: str, *values: Any) -> dict[str, Any]:
        actor = actor_of(studio, request)
        try:
            return _told(studio, actor, asked(actor, text, voice, *values))
        except StudioError as error:
            return _NONE | {"wrong": f"{error.message} {error.hint}"}

    def submit(actor: Actor, text: str, voice: str, *values: Any) -> dict[str, Any]:
        *settings, title, author, form, cover = values
        wanted = limits.speech(studio, actor, asked(actor, text, voice, *settings))
        wanted |= {"title": title or "", "author": author or "", "format": form}
        studio.narrations.plan(actor, **wanted)  # whatever is wrong is told before a picture is kept
        if cover:
            wanted["cover"] = studio.importing.bring_in(actor, Path(cover), kind="image", name=title or "Cover")[0].id
        return {"jobs": [studio.narrations.submit(actor, **wanted).id], "said": "The book is in the queue."}

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False, "js": with_voice}
    gr.on([opened.expand, listed.click], look, list(inputs), found, **quiet)
    start.click(submitting(studio, submit), [*inputs, title, author, form, cover], live, **quiet)


def _told(studio: Studio, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    plan = studio.narrations.plan(actor, **values)
    rows = [
        {
            "title": each.title, "characters": f"{each.characters:,}", "length": f"about {clock(each.seconds)}",
            "price": f"up to {money(each.usd)}" if plan.sellers else "",
        }
        for each in plan.chapters
    ]  # fmt: skip
    count = f"{len(rows)} chapter{'s' if len(rows) > 1 else ''}"
    whole = f"{count} · {plan.characters:,} characters · about {_hours(plan.seconds)}"
    free = {"price": "$0.00", "where": "on this machine"}
    price = {"price": f"up to {money(plan.usd)}", "where": " and ".join(plan.sellers)} if plan.sellers else free
    return {"rows": rows, "wrong": "", "whole": whole, **price}


def _hours(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
