"""Oneself, tokens, teams, users and the audit trail: a script over the REST paths, which are the only door to them."""

from __future__ import annotations

import gradio as gr

from ui_gradio.parts import part


def people() -> gr.HTML:
    return part(
        '<div class="health" aria-live="polite"><p class="none">Looking…</p></div>', script="team", elem_id="people"
    )
