"""A voice learned from a recording, with its speaker's consent: python -m ui_gradio.demos.clone"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import new_id
from core.kit.errors import RightsError, StudioError, UserError
from core.rights.consent import statement
from core.store.jobs import DONE
from core.voice.cloning.recordings import Recording
from core.voice.cloning.service import Consenting
from ui_gradio import limits
from ui_gradio.demos import stage
from ui_gradio.demos.stage import SHOWN

ENGINE = "matching"
WORDS = "Nothing here was bought, and nobody was copied unasked."


def build(studio: Studio) -> gr.Blocks:
    def clone(
        recording: str | None, speaker: str, agreed: bool, words: str, request: gr.Request,
        progress: gr.Progress = SHOWN,
    ) -> tuple[Any, str]:  # fmt: skip
        def work(actor: Actor) -> tuple[Any, str]:
            if not recording:
                raise UserError("There is no recording.", "Record or drop half a minute of one person speaking.")
            if not agreed:
                raise RightsError("Nobody's voice is learned unasked.", "Tick that the speaker agrees.")
            name = f"{speaker.strip() or 'Voice'} {new_id('v')[-4:]}"
            consent = Consenting(speaker, statement(speaker, name))
            progress(0.02, desc="Checking the recording")
            voice, advice = studio.cloning.create(
                actor, name=name, recordings=[Recording(Path(recording))], consent=consent
            )
            try:
                job = studio.wait(actor, studio.cloning.train(actor, voice.id, [ENGINE]).id)
                if job.status != DONE:
                    raise studio.jobs.failure(job) or StudioError("It was cancelled.", "Press the button again.")
                values = limits.speech(studio, actor, {"text": words, "voice": f"clone:{voice.id}"})
                sound, facts = stage.heard(studio, actor, studio.voice.speak(actor, **values), progress)
            finally:
                studio.cloning.delete(actor, voice.id)  # a demo keeps nobody's voice
            return sound, "\n".join([facts, *(f"- {line}" for line in advice)])

        return stage.answered(studio, request, work)  # type: ignore[no-any-return]

    with gr.Blocks(title="Clone a voice", analytics_enabled=False) as page:
        gr.Markdown(
            "# Clone a voice\nVoice matching on this machine: pitch and timbre of the recording, not a copy of the person. "
            "The recording and what was learned are deleted as soon as the words are spoken."
        )
        recording = gr.Audio(sources=["upload", "microphone"], type="filepath", label="Recording")
        speaker = gr.Textbox("", label="Who speaks in it", max_length=80)
        agreed = gr.Checkbox(False, label="The speaker agrees that this voice is learned here and speaks these words")
        words = gr.Textbox(WORDS, lines=3, label="What it should say")
        button = gr.Button("Clone and speak", variant="primary")
        sound, facts = gr.Audio(label="Speech", interactive=False), gr.Markdown()
        button.click(clone, [recording, speaker, agreed, words], [sound, facts], api_visibility="private")
    return page


if __name__ == "__main__":
    sys.exit(stage.play(build))
