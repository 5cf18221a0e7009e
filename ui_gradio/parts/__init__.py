"""Parts of the page that repeat: each a template, a script of its own in static/js and the functions it may call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from ui_gradio.theme import STATIC

PLAY = (
    '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor">'
    '<path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>'
)


def part(
    template: str, *, script: str = "", value: Any = None, functions: Sequence[Callable[..., Any]] = (), **options: Any
) -> gr.HTML:
    """User text goes into a template only through {{…}}, which escapes. `script`: names of files in static/js; several
    are one script, in this order."""
    code = "".join((STATIC / "js" / f"{name}.js").read_text(encoding="utf-8") for name in script.split()) or None
    return gr.HTML(
        value, html_template=template, js_on_load=code, apply_default_css=False,
        server_functions=list(functions) or None, **options,
    )  # fmt: skip


def heading(text: str, note: str = "") -> gr.HTML:
    """A card's title; both texts are ours."""
    return part(f"<div class='hd'><h2>{text}</h2>{f'<p>{note}</p>' if note else ''}</div>")
