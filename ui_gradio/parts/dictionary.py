"""The pronunciation dictionaries: one word a line. One's own is used for every text from now on, a project's for what is
spoken in it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from ui_gradio.errors import door
from ui_gradio.parts import part


def dictionary(studio: Studio) -> gr.HTML:
    def words(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        found = studio.voice.pronunciations(actor, str(data.get("project") or ""))
        of = [{"id": row.id, "name": row.name} for row in studio.projects.list(actor)]
        return {"lines": "\n".join(f"{word} = {said}" for word, said in found.items()), "projects": of}

    def store(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        entries = read_lines(str(data.get("lines", "")))
        studio.voice.set_pronunciations(actor, entries, str(data.get("project") or ""))
        return {"count": len(entries)}

    return part(
        """<div class="dict"><select class="inp" aria-label="Whose words" hidden><option value="">My words, for every text</option></select><textarea class="inp" rows="4" spellcheck="false" aria-label="Pronunciations, one a line" placeholder="GIF = jif&#10;Nguyen = /wɪn/&#10;SQL = [[s'i:kw@L]]"></textarea>
<div class="dr"><small>word = how to say it: a respelling, /IPA/ or [[phonemes]]</small><button type="button" class="tb" data-act="store">Keep</button></div></div>""",
        script="dictionary", functions=[door(studio, words), door(studio, store)],
    )  # fmt: skip


def read_lines(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        word, equals, said = line.partition("=")
        if not equals or not word.strip() or not said.strip():
            raise UserError(f"Line {number} of the dictionary has no word and sound: {line.strip()[:60]!r}.",
                            "Write it as: word = how to say it")  # fmt: skip
        entries[" ".join(word.split())] = " ".join(said.split())
    return entries
