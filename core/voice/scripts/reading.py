"""A script file of any kind that people write scripts in, told by its name and what is in it."""

from __future__ import annotations

import re
from pathlib import PurePath

from core.kit.errors import UserError
from core.voice.cleaning import MAX_CHARACTERS, too_long
from core.voice.scripts import markdown, plain, sheet, ssml, subtitles, word
from core.voice.scripts.encoding import decoded
from core.voice.scripts.script import Script

FORMATS = (".txt", ".md", ".srt", ".vtt", ".ass", ".csv", ".tsv", ".docx", ".ssml", ".xml")
MAX_BYTES = 16 * 2**20
"""Of a Word file, which may carry pictures."""
MAX_TEXT_BYTES = 4 * 2**20
_MARKED_UP = 4
"""A file may have this many times the characters that can be spoken: times, tags and links fall away."""
_KINDS = {
    "md": "md", "markdown": "md", "srt": "srt", "vtt": "vtt", "ass": "ass", "ssa": "ass", "csv": "csv", "tsv": "csv",
    "docx": "docx", "ssml": "ssml", "xml": "ssml",
}  # fmt: skip
_ELSEWHERE = {
    "doc": "Open it in Word or LibreOffice and save it as .docx.", "rtf": "Save it as .docx or .txt.",
    "odt": "Save it as .docx or .txt.", "pages": "Export it as .docx.", "pdf": "Copy its text into the editor.",
    "html": "Copy its text into the editor.", "htm": "Copy its text into the editor.", "epub": "Copy its text into the editor.",
    "xlsx": "Save the sheet as .csv.", "xls": "Save the sheet as .csv.", "ods": "Save the sheet as .csv.",
}  # fmt: skip
_SSML = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>\s*)?<(?:\w+:)?speak[\s>/]",
    re.DOTALL,
)
_SRT = re.compile(r"\s*\d+\s*\n\s*\d{1,2}:\d\d:\d\d[,.]\d{1,3} *--> *\d")


def read_script(name: str, data: bytes, *, gaps: bool = False) -> Script:
    """`name`: the file's, for its ending; "" for a text that was pasted. `gaps`: silences between subtitles become
    pauses. UserError for what cannot be read, with the remedy."""
    ending = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if len(data) > MAX_BYTES:
        raise _too_large(len(data), MAX_BYTES)
    if data.startswith(word.OLE) or (data.startswith(word.ZIP) and ending not in _ELSEWHERE):
        return word.read(data)
    if data.startswith((b"%PDF", b"{\\rtf")):
        ending = "pdf" if data.startswith(b"%PDF") else "rtf"
    if ending in _ELSEWHERE:
        raise UserError(f"A .{ending} file cannot be read as a script.", _ELSEWHERE[ending], "wrong_format")
    if ending == "docx":
        return word.read(data)
    if len(data) > MAX_TEXT_BYTES:
        raise _too_large(len(data), MAX_TEXT_BYTES)
    text, note = decoded(data)
    if len(text) > _MARKED_UP * MAX_CHARACTERS:
        raise too_long(len(text))
    script = _read(_kind(ending, text), text, gaps)
    return Script(**{**vars(script), "notes": (note, *script.notes)}) if note else script


def _kind(ending: str, text: str) -> str:
    """By the ending; a text without one that means anything by how it begins."""
    if ending in _KINDS:
        return _KINDS[ending]
    if _SSML.match(text):
        return "ssml"
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    if text.lstrip().startswith("[Script Info]"):
        return "ass"
    return "srt" if _SRT.match(text) else "txt"


def _read(kind: str, text: str, gaps: bool) -> Script:
    match kind:
        case "md":
            return markdown.read(text)
        case "srt" | "vtt" | "ass":
            return subtitles.read(text, kind, gaps)
        case "csv":
            return sheet.read(text)
        case "ssml":
            return ssml.read(text)
        case _:
            return plain.read(text)


def _too_large(size: int, limit: int) -> UserError:
    return UserError(
        f"The file has {size / 2**20:.1f} MB; a script of its kind may have {limit / 2**20:.0f} MB.",
        "Load the part that should be spoken.", "too_large",
    )  # fmt: skip
