"""The page: a rail, six tabs, one player. Each tab builds itself; parts talk to each other through events."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.tabs import voice


def build(studio: Studio) -> gr.Blocks:
    tabs = {"voice": voice}
    with gr.Blocks(title="Creator Workbench", fill_width=True, analytics_enabled=False) as page:
        live = shell.live(studio)
        with gr.Row(elem_id="shell", equal_height=False):
            shell.rail(studio)
            with gr.Column(elem_id="main", min_width=0), gr.Tabs(elem_id="pages", selected="voice"):
                for name, title in shell.PAGES:
                    if name in tabs:
                        with gr.Tab(title, id=name):
                            tabs[name].build(studio, live, page)
        shell.player()
    return page
