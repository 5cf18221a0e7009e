"""The page: a rail, its tabs, one player. Each tab builds itself; parts talk to each other through events."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.doors import doors
from ui_gradio.parts import shell
from ui_gradio.parts.details import details
from ui_gradio.parts.polish import polishing
from ui_gradio.parts.upload import upload
from ui_gradio.tabs import (
    ai_voices,
    analyse,
    batch,
    clone,
    library,
    licensing,
    mix,
    money,
    music,
    queue,
    recommend,
    status,
    takes,
    team,
    templates,
    voice,
)


def build(studio: Studio) -> gr.Blocks:
    with gr.Blocks(title="Creator Workbench", fill_width=True, analytics_enabled=False) as page:
        live = shell.live(studio)
        tabs = {
            "voice": lambda: voice.build(studio, live, page),
            "voices": lambda: ai_voices.build(studio),
            "takes": lambda: takes.build(studio),
            "clone": lambda: clone.build(studio),
            "music": lambda: music.build(studio, live, page),
            "recommend": lambda: recommend.build(studio),
            "templates": lambda: templates.build(studio),
            "batch": lambda: batch.build(studio),
            "mix": lambda: mix.build(studio, live, page),
            "analyse": lambda: analyse.build(studio),
            "library": lambda: library.build(studio),
            "licensing": lambda: licensing.build(studio),
            "queue": lambda: queue.build(studio, live),
            "costs": lambda: money.build(studio),
            "status": lambda: status.build(studio),
            "team": team.build,
        }
        with gr.Row(elem_id="shell", equal_height=False):
            shell.rail(studio)
            with gr.Column(elem_id="main", min_width=0), gr.Tabs(elem_id="pages", selected="voice"):
                for name, title in shell.pages(studio):
                    with gr.Tab(title, id=name):
                        tabs[name]()
        shell.player()
        details(studio)
        polishing(studio)
        upload(studio)
        doors(studio)
    return page
