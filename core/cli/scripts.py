"""What `studio speak` is given to say: a text, standard input or a script file, and who speaks in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from core.kit.errors import UserError
from core.voice.scripts.casting import roles
from core.voice.scripts.reading import MAX_BYTES, read_script


def script(text: str, file: Path | None, speakers: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The values of a speech request, and what a person should know of them. Speakers of a file get a suggested voice
    each, unless some are named here."""
    if bool(text) == (file is not None):
        raise UserError("There is nothing to say." if not text else "There is a text and a file.",
                        "Give either the text or --file.")  # fmt: skip
    cast = _cast(speakers)
    if file is None:
        return {"text": typer.get_text_stream("stdin").read() if text == "-" else text, "speakers": cast}, []
    if not file.is_file():
        raise UserError(f"There is no file {str(file)!r}.", "Give the path of a script.")
    with file.open("rb") as opened:
        found = read_script(file.name, opened.read(MAX_BYTES + 1))
    told = list(found.notes)
    if found.speakers and not cast:
        cast = {role.name: role.voice for role in roles(found.text, found.speakers)}
        told += [
            f'{name} is spoken by {voice}; --speaker "{name}=VOICE" chooses another.' for name, voice in cast.items()
        ]
    return {"text": found.text, "speakers": cast, "pronunciations": dict(found.pronunciations)}, told


def _cast(given: list[str]) -> dict[str, str]:
    cast = {}
    for one in given:
        name, equals, voice = one.partition("=")
        if not equals or not name.strip() or not voice.strip():
            raise UserError(f"{one[:60]!r} is no speaker.", "Write --speaker NAME=VOICE.")
        cast[name.strip()] = voice.strip()
    return cast
