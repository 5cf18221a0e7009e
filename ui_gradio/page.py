"""The page: a rail, six tabs, one player. Each tab builds itself; parts talk to each other through events."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.details import details
from ui_gradio.parts.upload import upload
from ui_gradio.tabs import library, mix, music, queue, status, voice

TABS = {"voice": voice, "music": music, "mix": mix, "library": library, "queue": queue, "status": status}


def build(studio: Studio) -> gr.Blocks:
    with gr.Blocks(title="Creator Workbench", fill_width=True, analytics_enabled=False) as page:
        live = shell.live(studio)
        with gr.Row(elem_id="shell", equal_height=False):
            shell.rail(studio)
            with gr.Column(elem_id="main", min_width=0), gr.Tabs(elem_id="pages", selected="voice"):
                for name, title in shell.PAGES:
                    with gr.Tab(title, id=name):
                        TABS[name].build(studio, live, page)
        shell.player()
        details(studio)
        upload(studio)
    return page
