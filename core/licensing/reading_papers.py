"""What a licence paper says, field by field, each with the words it was read from. Nothing is guessed: what is not there, may
mean two things or is said twice differently is asked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.kit import sheets
from core.kit.words import one_line
from core.licensing import paper_words as words
from core.licensing.paper_words import FRENCH_ALONE, Unclear, field_of, key

ASKED = ("title", "starts_on", "ends_on", "platforms", "territories", "commercial")
"""What a licence has to say. What its paper does not, a person does."""
MOST_ROWS = 2000
SNIPPET = 160
_LABELLED = re.compile(r"^\s*(?P<label>[^:=\t|]{2,40}?)\s*(?:[:=\t|]|\.{3,}|\s{2,})\s*(?P<value>\S.*)$")
_BETWEEN = re.compile(
    r"\b(?:valid|license period|licence period|term|valable|periode|duree)?\s*[:,]?\s*\b(?:from|du)\b (?P<one>.{6,30}?) \b(?:to|until|through|au)\b (?P<two>.{6,30})",
    re.IGNORECASE,
)  # fmt: skip
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Said:
    value: Any
    """As a LicenceEntry takes it: text, a list, true or false."""
    snippet: str
    """The words it was read from."""


@dataclass
class Reading:
    """One licence, as far as a paper states it."""

    fields: dict[str, Said] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    file: str = ""
    """The name of the sound file, where it gives one."""
    row: int | None = None
    unclear: set[str] = field(default_factory=set)

    @property
    def missing(self) -> list[str]:
        found = [name for name in ASKED if name not in self.fields]
        return found + sorted(name for name in self.unclear if name not in found and name not in self.fields)

    @property
    def title(self) -> str:
        return str(self.fields["title"].value) if "title" in self.fields else ""


def read(text: str, notes: Iterable[str] = ()) -> list[Reading]:
    """One of a text; of a sheet, one a row."""
    sheet = _sheet(text)
    found = _rows(*sheet) if sheet is not None else [_text(text)]
    for each in found:
        each.notes[:0] = notes
    return found


def _sheet(text: str) -> tuple[list[str], str] | None:
    """(lines, delimiter), if the first line that says something names at least two fields."""
    lines = text.strip("﻿\r\n ").splitlines()
    for delimiter in _DELIMITERS:
        if (
            lines
            and len({field_of(each) for each in next(sheets.reader([lines[0]], delimiter=delimiter), [])} - {None}) >= 2
        ):
            return lines, delimiter
    return None


def _rows(lines: list[str], delimiter: str) -> list[Reading]:
    found: list[Reading] = []
    try:
        rows = sheets.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        labels = next(rows)
        for number, cells in enumerate(rows, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(found) == MOST_ROWS:
                found[-1].notes.append(f"Only the first {MOST_ROWS:,} rows were read.")
                break
            reading = _gathered((label, cell) for label, cell in zip(labels, cells, strict=False) if cell.strip())
            reading.row = number
            found.append(reading)
    except sheets.Broken:
        return [Reading(notes=["The sheet cannot be read from here on; save it anew as CSV."])]
    return found or [Reading(notes=["The sheet has no row below its heads."])]


def _text(text: str) -> Reading:
    lines = [line for raw in text.splitlines() if (line := raw.strip())]
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        found = _LABELLED.match(line)
        if found and field_of(found["label"]):
            pairs.append((found["label"], found["value"]))
        elif field_of(line) and number + 1 < len(lines) and not _is_label(lines[number + 1]):
            pairs.append((line, lines[number + 1]))  # the label above its value, as forms have it
        elif between := _BETWEEN.search(line):
            pairs += [("valid from", between["one"]), ("valid until", between["two"])]
        elif re.search(r"\bnon[- ]commercial\b|\busage non commercial\b", line, re.IGNORECASE):
            pairs.append(("commercial use", "no"))
    return _gathered(pairs)


def _is_label(line: str) -> bool:
    found = _LABELLED.match(line)
    return field_of(line) is not None or (found is not None and field_of(found["label"]) is not None)


def _gathered(pairs: Iterable[tuple[str, str]]) -> Reading:
    given = [(name, label, value) for label, value in pairs if (name := field_of(label))]
    french = any(key(label) in FRENCH_ALONE for _, label, _ in given)
    reading = Reading()
    for name, label, value in given:
        snippet = one_line(f"{label.strip(' :')}: {value.strip()}", SNIPPET)
        if name == "file":
            reading.file = one_line(value, 255)
            continue
        if name == "project":
            # The gate knows projects by their ids: without a choice the licence would be wider than its paper.
            reading.unclear.add("projects")
            reading.notes.append(f"It is for a project ({snippet}): choose which of yours that is.")
            continue
        if (
            name == "ends_on"
            and not words.for_ever(value)
            and key(label) in ("term", "duree")
            and not re.search(r"\d{4}", value)
        ):
            reading.unclear.add(name)
            reading.notes.append(f"It names a length and no last day ({snippet}).")
            continue
        try:
            read_as = _READ.get(name, _line)(value, french)
        except Unclear as why:
            reading.unclear.add(name)
            reading.fields.pop(name, None)
            reading.notes.append(f"Not taken, {why} ({snippet}).")
            continue
        before = reading.fields.get(name)
        if name in reading.unclear:
            continue
        if before is not None and before.value != read_as:
            reading.unclear.add(name)
            del reading.fields[name]
            reading.notes.append(f"Said twice, and differently: {before.snippet!r} and {snippet!r}.")
            continue
        if read_as not in ("", None) or name == "ends_on":
            reading.fields[name] = Said(read_as, snippet)
    return reading


def _line(value: str, _french: bool) -> Any:
    return one_line(value, 200)


def _one_day(value: str, french: bool) -> Any:
    found = words.days(value, french=french)
    if len(found) != 1:
        raise Unclear("no day is named that can be read" if not found else "more than one day is named")
    return found[0].isoformat()


def _last_day(value: str, french: bool) -> Any:
    """None: it never ends."""
    return None if words.for_ever(value) else _one_day(value, french)


_READ: Mapping[str, Callable[[str, bool], Any]] = {
    "starts_on": _one_day,
    "ends_on": _last_day,
    "platforms": lambda value, french: list(words.platforms(value)),
    "territories": lambda value, french: list(words.territories(value)),
    "commercial": lambda value, french: words.yes_or_no(value),
    "price_usd": lambda value, french: f"{words.dollars(value):f}",
    "attribution": lambda value, french: one_line(value, 1000),
    "code": lambda value, french: one_line(value, 100),
}
