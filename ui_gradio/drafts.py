"""Drafts of forms survive a reload: kept in the browser, never on the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency


def keep(page: gr.Blocks, name: str, controls: Sequence[Any]) -> Dependency:
    """Remembers the controls under `name` at every change; answers the event that puts them back after a load."""
    key = f"studio-draft-{name}"
    save = f"(...values) => {{ if (window.st && st['{key}']) localStorage.setItem('{key}', JSON.stringify(values)); }}"
    gr.on(
        [control.change for control in controls], None, list(controls), None, js=save, show_progress="hidden",
        api_visibility="private",
    )  # fmt: skip
    # Nothing is saved before it was restored: the defaults a page starts with are no draft.
    restore = f"""(...values) => {{
      let kept = null; try {{ kept = JSON.parse(localStorage.getItem('{key}')); }} catch (e) {{ /* not ours */ }}
      setTimeout(() => {{ st['{key}'] = true; }}, 150);
      return Array.isArray(kept) && kept.length === values.length ? kept : values; }}"""
    return page.load(None, list(controls), list(controls), js=restore, show_progress="hidden", api_visibility="private")


def follow(
    changes: Sequence[Any], after: Sequence[Dependency], look: Callable[..., Any], inputs: Sequence[Component],
    outputs: Sequence[Component], **options: Any,
) -> None:  # fmt: skip
    """Looks at a form when it changes and after other events, always by one and the same event: its answers come in
    order, so what is shown is about what stands in the form. With an event each, an answer about the words a page
    opened with could come after the answer about the words just typed."""
    told = gr.Textbox(visible="hidden")
    gr.on([*changes, told.change], look, list(inputs), list(outputs), trigger_mode="always_last", **options)
    for event in after:
        event.then(None, None, told, js="() => String(performance.now())", show_progress="hidden",
                   api_visibility="private")  # fmt: skip
