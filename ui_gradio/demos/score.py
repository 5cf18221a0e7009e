"""A film, scored from its own scenes: python -m ui_gradio.demos.score"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import gradio as gr

from core.app import Studio
from core.flows.scoring.told import Scored, scored
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.video.service import VIDEO
from ui_gradio import limits
from ui_gradio.demos import stage
from ui_gradio.demos.stage import SHOWN

PLATFORMS = ("video", "podcast", "streaming")


def build(studio: Studio) -> gr.Blocks:
    def score(
        film: str | None, mine: bool, one: bool, loudness: str, request: gr.Request, progress: gr.Progress = SHOWN,
    ) -> tuple[str, str]:  # fmt: skip
        def work(actor: Actor) -> tuple[str, str]:
            if not film:
                raise UserError("There is no film.", "Drop one, up to a minute is quick.")
            progress(0.02, desc="Looking at the film")
            rights = "uploaded-own" if mine else "unknown"
            asset, _ = studio.importing.bring_in(actor, Path(film), kind=VIDEO, licence_id=rights)
            limits.film(studio, actor, asset.duration_s)
            found = stage.done(studio, actor, studio.video.take_apart(actor, asset.id), progress, (0.05, 0.3))
            clip_id = str((found.result or {})["clip_id"])
            values = {"clip_id": clip_id, "one": one, "loudness": loudness, "provider": "composer"}
            job = stage.done(studio, actor, studio.scoring.submit(actor, **values), progress, (0.3, 1.0))
            made = scored(studio.jobs, actor, job.id)
            stored = studio.library.get(actor, made.film).generation_config
            return _player(made), _told(made, str(stored["cues"][0]["why"]))

        return stage.answered(studio, request, work)  # type: ignore[no-any-return]

    with gr.Blocks(title="Score a film", analytics_enabled=False) as page:
        gr.Markdown(
            "# Score a film\nIts scenes are found and looked at, music is composed for them on this machine, laid under its "
            "own sound, and put back into the film. Free, with a cue sheet."
        )
        film = gr.File(label="Film", file_types=["video"], type="filepath")
        with gr.Row():
            mine = gr.Checkbox(False, label="The film is mine")
            one = gr.Checkbox(False, label="One piece under the whole film")
            loudness = gr.Dropdown(list(PLATFORMS), value="video", label="Loudness for")
        button = gr.Button("Score", variant="primary")
        picture, facts = gr.HTML(), gr.Markdown()
        button.click(score, [film, mine, one, loudness], [picture, facts], api_visibility="private")
    return page


def _player(made: Scored) -> str:
    return f'<video controls preload="metadata" style="width:100%" src="/media/{escape(made.film)}"></video>'


def _told(made: Scored, why: str) -> str:
    lines = [
        f"{made.seconds or 0:.1f} s · ${float(made.cost_usd):.2f} · {made.licence['title']}", "", why, "",
        "| plays at | music | BPM | key | licence |", "| --- | --- | --- | --- | --- |",
        *(f"| {cue['start']} | {cue['title']} | {cue['bpm']:g} | {cue['key']} | {cue['licence']} |" for cue in made.cues),
        "", f"[Cue sheet](/media/{made.cue_sheet}) · [sound alone](/media/{made.mix})",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(stage.play(build))
