"""Subtitles (.srt, .vtt, .ass) back to a script: who says what; times and tags are dropped."""

from __future__ import annotations

import re

from core.kit.errors import UserError
from core.voice.markup import MAX_PAUSE_MS, STYLED
from core.voice.scripts.script import Script, Writing
from core.voice.speakers import fitting, folded, match

PARAGRAPH_GAP_MS = 1500
"""A longer silence between two cues begins a paragraph."""
LONGEST_LINE = 5000
PAUSE_GAP_MS = 300
"""The shortest silence that is kept as a pause, where gaps are."""
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\n]*)>")
_TAGS = re.compile(r"</?[a-zA-Z][^<>\n]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_SOUND = re.compile(r"\[(?!/?(?:" + "|".join((*STYLED, "pause")) + r")\b)[^\[\]\n]*\]|[♪♫♬]")
_CUE_NAMES = re.compile(r"(?<=\n\n)[^\n]+\n(?=(?:\d+:)?\d\d:\d\d\.\d{3}[ \t]+-->)")
_VTT_NOTES = re.compile(r"^(?:NOTE|STYLE|REGION)\b.*?(?=\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)


def read(text: str, form: str, gaps: bool = False) -> Script:
    """`form`: srt, vtt or ass. With `gaps`, silences between cues become pauses. UserError where there is no cue."""
    import pysubs2

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise UserError(
            f"The subtitles have a line of more than {LONGEST_LINE:,} characters, which no player shows.",
            "Check the file, or paste its text into the editor.", "damaged",
        )  # fmt: skip
    if form == "vtt":
        text = _CUE_NAMES.sub("", _VTT_NOTES.sub("", text))
    # The library drops what stands in angle brackets, and with it who speaks.
    text = _VOICE.sub(lambda found: f"\x02{found[1]}\x03", text)
    try:
        file = pysubs2.SSAFile.from_string(text, format_=form, keep_unknown_html_tags=form != "ass")
    except Exception as error:  # whatever a damaged file makes of its parser
        raise _no_cue(form) from error
    cues = [event for event in file if not event.is_comment and not event.is_drawing]
    if not cues:
        raise _no_cue(form)
    writing = Writing()
    lines: list[str] = []
    speaker, ended, last = "", None, ""
    for cue in sorted(cues, key=lambda one: (one.start, one.end)):
        said = _said(cue.plaintext, cue.name if form == "ass" else "", writing)
        if not said or "\n".join(said) == last:  # rolling captions show a line twice
            continue
        last = "\n".join(said)
        gap = 0 if ended is None else cue.start - ended
        ended = max(cue.end, ended or 0)
        if gap > PARAGRAPH_GAP_MS:
            writing.paragraph("\n".join(lines))
            lines, speaker = [], ""
        if gaps and gap >= PAUSE_GAP_MS and ended:
            lines.append(f"[pause {min(gap, MAX_PAUSE_MS)}ms]")
        for line in said:
            named = re.sub(r"^[-–—] ?", "", line)  # "- BEN: Me too.": the dash only says that somebody else speaks
            found = match(named)
            if found is None:
                lines.append(line)
                continue
            goes_on = found["name"] in writing.speakers and folded(found["name"]) == folded(speaker)
            speaker = found["name"]
            lines.append(named[found.end() :] if goes_on else named)
    writing.paragraph("\n".join(lines))
    return writing.script()


def _said(text: str, actor: str, writing: Writing) -> list[str]:
    """The cue's lines, each with its speaker's name where the file tells it."""
    text, sounds = _SOUND.subn(" ", text)
    writing.notes.left_out("description of a sound", "descriptions of sounds", sounds)
    name = fitting(actor)
    lines: list[str] = []
    for piece in re.split(r"\n|(?=\x02)", text):
        marked, _, rest = piece[1:].partition("\x03") if piece.startswith("\x02") else ("", "", piece)
        name = fitting(marked) if marked else name
        words = " ".join(_TAGS.sub("", rest).split())
        if not any(character.isalnum() for character in words):
            continue
        if name:
            if name not in writing.speakers:
                writing.speakers.append(name)
            words = f"{name}: {words}" if not lines or marked else words
        lines.append(words)
    return lines


def _no_cue(form: str) -> UserError:
    return UserError(
        f"The file has no subtitle that can be read as {form.upper()}.",
        "Check that it is complete, or paste its text into the editor.", "damaged",
    )  # fmt: skip
