"""A table (.csv, .tsv): a line of the script in every row, with its speaker and manner."""

from __future__ import annotations

import io

from core.kit import sheets
from core.kit.errors import UserError
from core.voice.markup import MAX_PAUSE_MS, Style
from core.voice.scripts.script import Notes, Script, Writing, settled
from core.voice.speakers import fitting

COLUMNS = ("text", "speaker", "section", "pause_ms", "speed", "pitch", "emotion")
_DELIMITERS = (",", ";", "\t", "|")


def read(text: str) -> Script:
    """UserError that names the columns for another header, and the row for a value that cannot be used."""
    rows = _rows(text)
    header = [_column(cell) for cell in rows[0]] if rows else []
    if "text" not in header or len({name for name in header if name in COLUMNS}) < sum(
        name in COLUMNS for name in header
    ):
        found = ", ".join(repr(cell.strip()[:30]) for cell in (rows[0] if rows else [])[:8]) or "nothing"
        raise UserError(
            f"The first row of the table has no column 'text', or one twice: {found}.",
            f"Name the columns in the first row, in any order: {', '.join(COLUMNS)}. Only text is needed.", "columns",
        )  # fmt: skip
    writing = Writing()
    extra = [
        cell.strip()[:30] for cell, name in zip(rows[0], header, strict=True) if name not in COLUMNS and cell.strip()
    ]
    if extra:
        writing.notes.say(f"Columns that mean nothing here were left out: {', '.join(extra[:8])}.")
    section = ""
    for number, cells in enumerate(rows[1:], start=2):
        row = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=False)}
        if not row.get("text"):
            writing.notes.left_out("row without text", "rows without text", int(any(row.values())))
            continue
        if row.get("section") and row["section"] != section:
            section = row["section"]
            writing.heading(section)
        writing.paragraph(_line(row, number, writing))
    return writing.script()


def _rows(text: str) -> list[list[str]]:
    """By the delimiter that makes the most of the header."""
    first = text.lstrip().split("\n", 1)[0]
    known = {mark: sum(_column(cell) in COLUMNS for cell in first.split(mark)) for mark in _DELIMITERS}
    mark = max(known, key=lambda one: known[one])
    try:
        found = list(sheets.reader(io.StringIO(text.lstrip(), newline=""), delimiter=mark))
    except sheets.Broken as error:
        raise UserError(
            f"The table cannot be read: {error}.",
            "Save it again as CSV, with quotes around texts that hold commas.",
            "damaged",
        ) from None
    return [row for row in found if any(cell.strip() for cell in row)]


def _column(cell: str) -> str:
    return "_".join(cell.strip().strip('"').casefold().replace("_", " ").split())


def _line(row: dict[str, str], number: int, writing: Writing) -> str:
    said = settled(row["text"], Notes())
    for name in ("emotion", "pitch", "speed"):
        value = row.get(name, "").replace(",", ".")
        if value:
            try:
                Style().under(name, value)
            except ValueError as error:
                raise _wrong(number, name, value, str(error)) from None
            said = f"[{name} {value}]{said}[/{name}]"
    pause = row.get("pause_ms", "").replace(",", ".").removesuffix("ms").strip()
    if pause:
        try:
            after = round(float(pause))
        except (ValueError, OverflowError):
            after = -1
        if not 0 <= after <= MAX_PAUSE_MS:
            raise _wrong(number, "pause_ms", pause, f"pause_ms takes a number from 0 to {MAX_PAUSE_MS:,}.")
        said += f" [pause {after}ms]"
    speaker = fitting(row.get("speaker", ""))
    if speaker and speaker not in writing.speakers:
        writing.speakers.append(speaker)
    return f"{speaker}: {said}" if speaker else said


def _wrong(number: int, name: str, value: str, allowed: str) -> UserError:
    return UserError(f"Row {number} of the table: {name} = {value[:40]!r} cannot be used.", allowed, "row")
