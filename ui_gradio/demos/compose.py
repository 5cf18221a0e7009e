"""A description, composed: python -m ui_gradio.demos.compose"""

from __future__ import annotations

import sys
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.music.service import GENRES, MOODS
from ui_gradio import limits
from ui_gradio.demos import stage
from ui_gradio.demos.stage import SHOWN
from ui_gradio.examples import PROMPT

_OPEN = ("as the words have it", "")


def build(studio: Studio) -> gr.Blocks:
    longest = limits.MUSIC_SECONDS if studio.settings.demo else 300

    def compose(
        prompt: str, mood: str, genre: str, seconds: float, request: gr.Request, progress: gr.Progress = SHOWN,
    ) -> tuple[Any, str]:  # fmt: skip
        def work(actor: Actor) -> tuple[Any, str]:
            wanted = {
                "prompt": prompt,
                "mood": mood,
                "genre": genre,
                "seconds": seconds,
                "stems": False,
                "provider": "composer",
            }
            values = limits.music(studio, actor, wanted)
            return stage.heard(studio, actor, studio.music.compose(actor, **values), progress)

        return stage.answered(studio, request, work)  # type: ignore[no-any-return]

    with gr.Blocks(title="Compose", analytics_enabled=False) as page:
        gr.Markdown("# Compose\nSay what it should feel like. Written and played on this machine, free, for any use.")
        prompt = gr.Textbox(PROMPT, lines=3, max_length=2000, label="Prompt")
        with gr.Row():
            mood = gr.Dropdown([_OPEN, *((name, name) for name in MOODS)], value="", label="Mood")
            genre = gr.Dropdown([_OPEN, *((name, name) for name in GENRES)], value="", label="Genre")
        seconds = gr.Slider(3, longest, 30, step=1, label="Seconds")
        button = gr.Button("Compose", variant="primary")
        sound, facts = gr.Audio(label="Music", interactive=False), gr.Markdown()
        button.click(compose, [prompt, mood, genre, seconds], [sound, facts], api_visibility="private")
    return page


if __name__ == "__main__":
    sys.exit(stage.play(build))
