"""Scripts that somebody sends in: a CSV, text files, or a ZIP of them, as rows of a batch. A row that cannot be read is
a row with an error; only what is wrong with the whole is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from core.flows.batch import MAX_ITEMS
from core.kit import sheets
from core.kit.errors import StudioError, UserError
from core.kit.words import one_line
from core.library.exporting import file_name
from core.voice.cleaning import MAX_CHARACTERS
from core.voice.scripts.reading import read_script
from core.voice.scripts.script import Script
from core.voice.types import SpeechRequest

MAX_FILE_BYTES = 2 * 2**20
MAX_BYTES = 64 * 2**20
"""Of all scripts together, unpacked."""
_DIRECTORY_BYTES = 2**21
"""Of a ZIP's table of contents: it is read whole before its first file."""
_END, _END_64 = b"PK\5\6", b"PK\6\7"
_NAMES = ("file", "name")
SETTINGS = tuple(
    name
    for name in SpeechRequest.model_fields
    if name not in ("text", "name", "draft", "pronunciations", "captions", "speakers")
)
COLUMNS = (*_NAMES, "text", *SETTINGS)


@dataclass(frozen=True)
class Row:
    number: int
    """From 1; of a CSV, the first line after its headings is row 1."""
    name: str
    """Of its files, without an ending: safe on any system, and unique."""
    values: Mapping[str, str] = field(default_factory=dict)
    """text and settings, as they stand in the file."""
    error: StudioError | None = None
    speakers: tuple[str, ...] = ()
    """Who has lines in the file, where its kind says so."""
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    """Of words that the file spells in phonemes."""


def script_of(name: str, data: bytes) -> Script:
    """The one place that knows what kinds of script there are, by the ending of their name. UserError for any other."""
    ending = PurePosixPath(name).suffix.lower()
    reader = READERS.get(ending)
    if reader is None:
        raise UserError(
            f"“{one_line(name, 100)}” is no script the studio reads.", f"Send {', '.join(READERS)}, .csv or .zip.",
            "no_script",
        )  # fmt: skip
    return reader(data)


def decoded(data: bytes) -> str:
    """UTF-8, with or without a mark; UTF-16 with one; what is neither was written by an older Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _plain(data: bytes) -> Script:
    return Script(decoded(data))


def _marked_up(ending: str) -> Callable[[bytes], Script]:
    return lambda data: read_script(f"script{ending}", data)


READERS: dict[str, Callable[[bytes], Script]] = {
    ".txt": _plain, ".md": _plain, **{ending: _marked_up(ending) for ending in (".docx", ".srt", ".vtt", ".ass", ".ssml")}
}  # fmt: skip
"""Plain text is taken as it is, since a book may be longer than one speech; the other kinds are read as scripts."""


def rows_of(files: Iterable[tuple[str, bytes]]) -> list[Row]:
    """(name, bytes) of what was sent → rows. UserError where there is none, there are too many, or one file is hostile."""
    found: list[Row] = []
    taken: set[str] = {"manifest"}
    for wanted, values, read in _found(list(files)):
        number = len(found) + 1
        if number > MAX_ITEMS:
            raise UserError(f"There are more than {MAX_ITEMS} scripts.", "Send them in several batches.", "too_many")
        name = _unique(file_name(wanted) if wanted else f"row-{number:03d}", taken)
        if isinstance(read, Script):
            found.append(Row(number, name, values, None, read.speakers, read.pronunciations))
        else:
            found.append(Row(number, name, values, read))
    if not found:
        raise UserError("There is no script in what was sent.", "Send a .csv, .txt or .md file, or a .zip of them.")
    return found


def check_room(sizes: Iterable[int]) -> None:
    """Before files are read into memory. UserError when they are more than a batch takes."""
    if sum(sizes) > MAX_BYTES:
        raise UserError(
            f"The files are larger than {MAX_BYTES // 2**20} MB together.", "Send them in several batches.", "too_large"
        )


Found = tuple[str, Mapping[str, str], StudioError | Script | None]
"""(name, values, why it cannot be spoken or the script it was read as)"""


def _found(files: list[tuple[str, bytes]]) -> Iterator[Found]:
    for name, data in files:
        ending = PurePosixPath(name).suffix.lower()
        if ending == ".zip":
            yield from _zipped(name, data)
        elif ending == ".csv":
            yield from _lines(name, data)
        else:
            yield _whole(name, data)


def _whole(name: str, data: bytes) -> Found:
    stem = PurePosixPath(name.replace("\\", "/")).stem
    try:
        if len(data) > MAX_FILE_BYTES:
            raise _too_large(name)
        script = script_of(name, data)
        return stem, {"text": script.text}, script
    except StudioError as error:
        return stem, {}, error


def _lines(name: str, data: bytes) -> Iterator[Found]:
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    text = decoded(data)
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = sheets.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        _check_columns(name, head)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            given = {column: cell for column, cell in zip(head, cells, strict=False) if cell.strip()}
            wanted = next((given[column].strip() for column in _NAMES if column in given), "")
            stem = PurePosixPath(wanted.replace("\\", "/"))
            values = {column: cell for column, cell in given.items() if column not in _NAMES}
            error = (
                UserError(
                    f"It has {len(cells)} cells under {len(head)} headings.", "Put quotes around texts with commas."
                )
                if len(cells) > len(head) and any(cell.strip() for cell in cells[len(head) :])
                else None
            )
            yield (stem.stem if stem.suffix.lower() in (".wav", ".mp3", ".txt") else stem.name), values, error
    except sheets.Broken as error:
        raise UserError(
            f"“{one_line(name, 100)}” is no CSV that can be read: line {reader.line_num}: {error}.",
            "Save it as CSV (UTF-8) again; quotes inside a text are doubled.", "bad_csv",
        ) from None  # fmt: skip


def _check_columns(name: str, head: list[str]) -> None:
    unknown = [column for column in head if column not in COLUMNS and column]
    twice = {column for column in head if head.count(column) > 1 and column}
    if "text" not in head or unknown or twice:
        wrong = (
            f"has the column {sorted(twice)[0]!r} twice" if twice
            else f"has an unknown column {unknown[0][:40]!r}" if unknown
            else "has no column 'text'"
        )  # fmt: skip
        raise UserError(f"“{one_line(name, 100)}” {wrong}.", f"Columns: {', '.join(COLUMNS)}.", "bad_columns")


def _zipped(name: str, data: bytes) -> Iterator[Found]:
    """What is in a ZIP, never written to disk and never under the path it claims. Scripts and CSVs; not a ZIP in a ZIP."""
    _check_directory(name, data)
    room = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
            if len(inside) > MAX_ITEMS:
                raise UserError(
                    f"“{one_line(name, 100)}” holds {len(inside):,} files.",
                    f"Send at most {MAX_ITEMS} at a time.",
                    "too_many",
                )
            for info in sorted(inside, key=lambda each: each.filename):
                part = PurePosixPath(info.filename.replace("\\", "/")).name
                try:
                    found = _unpacked(archive, info, part)
                except StudioError as error:
                    yield PurePosixPath(part).stem, {}, error
                    continue
                room -= len(found)
                if room < 0:
                    raise UserError(
                        f"“{one_line(name, 100)}” unpacks to more than {MAX_BYTES // 2**20} MB.",
                        "Send it in several parts.", "too_large",
                    )  # fmt: skip
                yield from _lines(part, found) if part.lower().endswith(".csv") else [_whole(part, found)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error):
        raise UserError(f"“{one_line(name, 100)}” is no ZIP that can be read.", "Pack it again.", "bad_zip") from None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, part: str) -> bytes:
    if info.flag_bits & 1:
        raise UserError(f"“{one_line(part, 100)}” is locked with a password.", "Pack it without one.", "locked")
    try:
        with archive.open(info) as file:
            found = file.read(MAX_FILE_BYTES + 1)  # what its header says of its size is only a claim
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise UserError(f"“{one_line(part, 100)}” in the ZIP is damaged.", "Pack it again.", "bad_zip") from None
    if len(found) > MAX_FILE_BYTES:
        raise _too_large(part)
    return found


def _check_directory(name: str, data: bytes) -> None:
    """Python reads the whole table of contents at once, so its size is looked at first."""
    at = data.rfind(_END, max(0, len(data) - 65_600))
    if at < 0 or len(data) < at + 22:
        raise UserError(f"“{one_line(name, 100)}” is no ZIP that can be read.", "Pack it again.", "bad_zip")
    (size,) = struct.unpack_from("<I", data, at + 12)
    if size > _DIRECTORY_BYTES or data[max(0, at - 20) : at].startswith(_END_64):
        raise UserError(
            f"“{one_line(name, 100)}” holds far too many files.", f"Send at most {MAX_ITEMS} at a time.", "too_many"
        )


def _hidden(path: str) -> bool:
    """What systems leave in archives beside what people put there."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return not parts or "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in ("Thumbs.db", "desktop.ini")


def _too_large(name: str) -> UserError:
    return UserError(
        f"“{one_line(name, 100)}” is too large for a script.",
        f"One speech takes {MAX_CHARACTERS:,} characters; longer texts become a book.", "too_large",
    )  # fmt: skip


def _unique(stem: str, taken: set[str]) -> str:
    """Also where upper and lower case are the same."""
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem} ({number})", number + 1
    taken.add(name.casefold())
    return name
