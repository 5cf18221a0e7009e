"""A table of pieces of music as somebody's spreadsheet wrote it: English or French headings, commas, semicolons or tabs,
any usual encoding. A line that cannot be read is a row with an error; only what is wrong with the whole is refused."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.flows.batch import MAX_ITEMS
from core.flows.script_files import decoded
from core.kit import sheets
from core.kit.errors import StudioError, UserError
from core.kit.words import one_line

MAX_BYTES = 4 * 2**20
MAX_CELL = 10_000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "description", "text", "texte", "invite", "demande"),
    "mood": ("mood", "ambiance", "humeur"),
    "genre": ("genre", "style"),
    "bpm": ("bpm", "tempo"),
    "key": ("key", "tonalite", "tonality", "cle"),
    "seconds": ("seconds", "duration", "durations", "length", "duree", "secondes", "dureesecondes"),
    "intensity": ("intensity", "intensite", "energy", "energie"),
    "seed": ("seed", "graine"),
    "provider": ("provider", "engine", "moteur", "fournisseur"),
    "quality": ("quality", "qualite"),
    "model": ("model", "modele"),
    "template": ("template", "preset", "gabarit", "prereglage"),
    "name": ("name", "title", "nom", "titre", "file", "fichier"),
    "count": ("count", "copies", "nombre", "number", "quantity", "quantite"),
    "negative_prompt": ("negativeprompt", "without", "sans"),
    "temperature": ("temperature",),
    "guidance": ("guidance", "guidage"),
    "loopable": ("loopable", "loop", "boucle"),
}
_FOLDED = {name: field for field, names in HEADINGS.items() for name in names}
_NUMBERS = ("bpm", "seconds", "temperature", "guidance")
_WHOLE = ("seed", "count")
_YES, _NO = ("1", "true", "yes", "oui", "vrai", "x"), ("0", "false", "no", "non", "faux")


@dataclass(frozen=True)
class Row:
    number: int
    """From 1: the first line after the headings that is not empty."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Names of HEADINGS; what was left empty is left out."""
    error: StudioError | None = None


def read_table(name: str, data: bytes) -> list[Row]:
    if len(data) > MAX_BYTES:
        raise UserError(
            f"“{one_line(name, 100)}” is larger than {MAX_BYTES // 2**20} MB.", "Send it in parts.", "too_large"
        )
    text = decoded(data)
    if "\0" in text:
        raise UserError(f"“{one_line(name, 100)}” is no text.", "Save the table as CSV (UTF-8).", "bad_csv")
    found = [Row(number, values, error) for number, (values, error) in enumerate(_lines(name, text), 1)]
    if not found:
        raise UserError(f"“{one_line(name, 100)}” has no rows.", "Put one piece of music on each line.", "no_rows")
    return found


def _lines(name: str, text: str) -> Iterator[tuple[dict[str, Any], StudioError | None]]:
    lines = io.StringIO(text, newline="")
    mark = ""
    if text[:4].lower() == "sep=":  # how Excel is told
        mark = lines.readline()[4:5]
    else:
        first = text.lstrip("\r\n").partition("\n")[0]
        mark = max(";,\t|", key=first.count)
    reader = sheets.reader(lines, delimiter=mark or ",")
    head: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = _head(name, cells)
                continue
            yield _row(head, cells)
    except sheets.Broken as error:
        raise UserError(
            f"“{one_line(name, 100)}” is no CSV that can be read: line {reader.line_num}: {error}.",
            "Save it as CSV (UTF-8) again; quotes inside a text are doubled.", "bad_csv",
        ) from None  # fmt: skip


def _head(name: str, cells: list[str]) -> list[str]:
    head = []
    for cell in cells:
        folded = fold(cell)
        if folded and folded not in _FOLDED:
            raise UserError(
                f"“{one_line(name, 100)}” has an unknown column {one_line(cell, 40)!r}.",
                f"Columns: {', '.join(HEADINGS)}; seconds may be called duration.", "bad_columns",
            )  # fmt: skip
        head.append(_FOLDED.get(folded, ""))
    twice = sorted({field for field in head if field and head.count(field) > 1})
    if twice or not any(head):
        wrong = f"has {twice[0]!r} in two columns" if twice else "has no headings"
        raise UserError(f"“{one_line(name, 100)}” {wrong}.", f"Columns: {', '.join(HEADINGS)}.", "bad_columns")
    return head


def _row(head: list[str], cells: list[str]) -> tuple[dict[str, Any], StudioError | None]:
    if any(cell.strip() for cell in cells[len(head) :]):
        return {}, UserError(
            f"It has {len(cells)} cells under {len(head)} headings.", "Put quotes around texts with commas."
        )
    values: dict[str, Any] = {}
    try:
        for column, cell in zip(head, cells, strict=False):
            if column and cell.strip():
                values[column] = _value(column, cell.strip())
    except UserError as error:
        return values, error
    return values, None


def _value(column: str, cell: str) -> Any:
    if len(cell) > MAX_CELL:
        raise UserError(f"Its {column} has {len(cell):,} characters.", "Shorten it.")
    if column in _NUMBERS or column in _WHOLE:
        try:
            number = float(cell.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        except ValueError:
            raise UserError(f"{column} = {cell[:40]!r} is not a number.", "Write digits, or leave it empty.") from None
        if column in _NUMBERS:
            return number
        if number != int(number) if abs(number) < 1e15 else True:
            raise UserError(f"{column} = {cell[:40]!r} is not a whole number.", "Write digits, or leave it empty.")
        return int(number)
    if column == "loopable":
        word = fold(cell)
        if word not in _YES + _NO:
            raise UserError(f"{column} = {cell[:40]!r} is neither yes nor no.", "Write yes or no, or leave it empty.")
        return word in _YES
    return cell


def fold(heading: str) -> str:
    """As headings are compared: without accents, case, spaces and marks; "Durée (s)" is "durees"."""
    bare = unicodedata.normalize("NFKD", heading.casefold())
    folded = "".join(letter for letter in bare if letter.isalnum())
    return {"durees": "duree", "lengths": "length", "durationseconds": "duration", "lengthseconds": "length"}.get(
        folded, folded
    )


def repeated(rows: list[Row]) -> list[Row]:
    """`count` copies of a row as rows of their own, each with a seed of its own; they keep the row's number."""
    found: list[Row] = []
    for row in rows:
        count = row.values.get("count", 1)
        values = {name: value for name, value in row.values.items() if name != "count"}
        if row.error is None and not (isinstance(count, int) and 1 <= count <= MAX_ITEMS):
            found.append(
                Row(
                    row.number,
                    values,
                    UserError(f"count = {str(count)[:40]} cannot be used.", f"Give 1 to {MAX_ITEMS}."),
                )
            )
            continue
        for copy in range(count if row.error is None else 1):
            seed = values.get("seed")
            more = {"seed": seed + copy} if isinstance(seed, int) and copy else {}
            found.append(Row(row.number, values | more, row.error))
        if len(found) > MAX_ITEMS:
            raise UserError(f"That is more than {MAX_ITEMS:,} pieces.", "Send them in several batches.", "too_many")
    return found
