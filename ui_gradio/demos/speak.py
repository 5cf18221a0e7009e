"""A text, spoken: python -m ui_gradio.demos.speak"""

from __future__ import annotations

import sys
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.voice.gallery import curated
from ui_gradio import limits
from ui_gradio.demos import stage
from ui_gradio.demos.stage import SHOWN
from ui_gradio.examples import SCRIPT


def build(studio: Studio) -> gr.Blocks:
    voices = curated()

    def speak(
        text: str, voice: str, speed: float, request: gr.Request, progress: gr.Progress = SHOWN,
    ) -> tuple[Any, str]:  # fmt: skip
        def work(actor: Actor) -> tuple[Any, str]:
            values = limits.speech(studio, actor, {"text": text, "voice": voice, "speed": speed})
            return stage.heard(studio, actor, studio.voice.speak(actor, **values), progress)

        return stage.answered(studio, request, work)  # type: ignore[no-any-return]

    with gr.Blocks(title="Speak", analytics_enabled=False) as page:
        gr.Markdown("# Speak\nWrite it, hear it. The voices are synthesised on this machine, free, for any use.")
        text = gr.Textbox(SCRIPT, lines=6, label="Text")
        voice = gr.Dropdown([(each.name, each.id) for each in voices], value=voices[0].id, label="Voice")
        speed = gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Speed")
        button = gr.Button("Speak", variant="primary")
        sound, facts = gr.Audio(label="Speech", interactive=False), gr.Markdown()
        button.click(speak, [text, voice, speed], [sound, facts], api_visibility="private")
    return page


if __name__ == "__main__":
    sys.exit(stage.play(build))
