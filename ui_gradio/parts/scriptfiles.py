"""Scripts as files: a CSV, text files or a ZIP of them, every row a take; the ZIP is fetched in the table above."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.app import Studio
from core.flows.script_files import check_room
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from ui_gradio import limits
from ui_gradio.errors import submitting
from ui_gradio.parts import heading

_ENDINGS = [".csv", ".txt", ".md", ".zip"]


def scriptfiles(studio: Studio, live: gr.HTML) -> None:
    heading(
        "Scripts as files",
        "A CSV (columns: name, text, and voice, speed, pitch, emotion… if you like), text files, or a ZIP of them. The ZIP"
        " that comes out has sound, captions and a manifest; a row that fails takes no other with it.",
    )
    files = gr.File(label="CSV, TXT, MD or ZIP", file_count="multiple", file_types=_ENDINGS, height=150,
                    elem_id="script-files")  # fmt: skip
    with gr.Row(elem_classes="foot"):
        start = gr.Button("Speak the scripts", variant="primary", size="lg", scale=0, min_width=160,
                          interactive=False, elem_id="scripts-start")  # fmt: skip
    voice = gr.Textbox(visible="hidden")

    def submit(actor: Actor, paths: list[str] | None, voice: str) -> dict[str, Any]:
        if not paths:
            raise UserError("There is no file.", "Choose a CSV, text files or a ZIP.")
        limits.may_submit(studio, actor)
        if studio.settings.demo:
            raise UserError("The demo takes no files of scripts.", "Run the studio on your own machine: it is free.")
        check_room(Path(path).stat().st_size for path in paths)
        sent = [(Path(path).name, Path(path).read_bytes()) for path in paths]
        job = studio.scripts.submit(actor, sent, settings={"voice": _known(studio, actor, voice)} if voice else {})
        wrong = [row for row in job.request["rows"] if row["error"]]
        told = {"said": f"{len(job.request['items'])} scripts are in the queue."}
        if wrong:
            first = wrong[0]
            told["more"] = f"{len(wrong)} cannot be spoken. Row {first['row']}: {first['error']['message']}"
        return {"jobs": [job.id], **told}

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    files.change(lambda paths: gr.update(interactive=bool(paths)), files, start, **quiet)
    start.click(
        submitting(studio, submit), [files, voice], live,
        js="(files) => [files, localStorage.getItem('studio-voice') || '']", **quiet,
    )  # fmt: skip


def _known(studio: Studio, actor: Actor, voice: str) -> str:
    """The voice chosen under Voice; the default where it is no more."""
    try:
        return studio.voice.book.find(actor, voice).id
    except StudioError:
        return ""
