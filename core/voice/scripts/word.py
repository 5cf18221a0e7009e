"""Word files (.docx): what one would read aloud of them, in order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.kit.errors import UserError
from core.voice.scripts.script import Notes, Script, Writing

if TYPE_CHECKING:
    from docx.document import Document

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED_BYTES = 64 * 2**20
MAX_TEXT_PART_BYTES = 8 * 2**20
"""Of one part that is read as XML: parsed, it takes many times its size."""
MAX_PARTS = 5000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SKIPPED = {
    "del": ("tracked deletion", "tracked deletions"), "moveFrom": ("moved passage", "moved passages"),
    "drawing": ("picture", "pictures"), "pict": ("picture", "pictures"), "object": ("embedded object", "embedded objects"),
    "footnoteReference": ("footnote", "footnotes"), "endnoteReference": ("endnote", "endnotes"),
    "commentReference": ("comment", "comments"), "Fallback": ("", ""), "delText": ("", ""), "instrText": ("", ""),
    "oMath": ("formula", "formulas"),
}  # fmt: skip


def read(data: bytes) -> Script:
    """UserError for a file that is damaged, locked, of another kind or too large unpacked; it is not unpacked then."""
    _check(data)
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
        writing = Writing()
        for block in _blocks(document.element.body):
            if _tag(block) == "p":
                _paragraph(block, document, writing)
            else:
                _table(block, writing)
    except Exception as error:  # whatever a damaged part makes of its parser
        raise _damaged() from error
    return writing.script()


def _check(data: bytes) -> None:
    if data.startswith(OLE):
        if _ENCRYPTED in data:
            raise UserError(
                "The Word file is locked with a password.",
                "Open it in Word, remove the password and save it again.",
                "locked",
            )
        raise UserError(
            "This is an old Word file (.doc), which cannot be read.", "Open it in Word or LibreOffice and save it as .docx.",
            "wrong_format",
        )  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _damaged() from error
    if any(part.flag_bits & 1 for part in parts):
        raise UserError("The file is locked with a password.", "Save it without one.", "locked")
    size = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    if size > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS or largest > MAX_TEXT_PART_BYTES:
        raise UserError(
            f"The Word file would unpack to {size / 2**20:,.0f} MB in {len(parts):,} parts, which is no script.",
            "Copy the text into a new document, without pictures, and save that.", "too_large",
        )  # fmt: skip
    if "word/document.xml" not in {part.filename for part in parts}:
        raise UserError(
            "The file is a packed file, but not a Word document.", "Load a .docx or a .txt file.", "wrong_format"
        )


def _damaged() -> UserError:
    return UserError(
        "The Word file is damaged and cannot be read.",
        "Open it in Word or LibreOffice and save it again as .docx.",
        "damaged",
    )


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _blocks(body: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those in content controls; a table of contents is none of the words."""
    for child in body.iterchildren():
        tag = _tag(child)
        if tag in ("p", "tbl"):
            yield child
        elif tag == "sdt":
            if not any(
                "Table of Contents" in _attribute(part, "val")
                for part in child.iter()
                if _tag(part) == "docPartGallery"
            ):
                for inside in child.iterchildren():
                    if _tag(inside) == "sdtContent":
                        yield from _blocks(inside)
        elif tag in ("ins", "moveTo", "customXml", "smartTag"):
            yield from _blocks(child)


def _paragraph(element: Any, document: Document, writing: Writing) -> None:
    from docx.text.paragraph import Paragraph

    text = "".join(_words(element, writing.notes))
    style = Paragraph(element, document._body).style
    name = (style.name or "").casefold() if style is not None else ""
    if name.startswith("toc "):
        return
    if name == "title" or name.startswith("heading"):
        last = name.rpartition(" ")[2]
        writing.heading(text, int(last) if last.isdigit() else 1)
    elif name.startswith("list") or any(_tag(part) == "numPr" for part in element.iter()):
        writing.bullet(text)
    else:
        _written(text, writing)


def _written(text: str, writing: Writing) -> None:
    """A heading may be typed as in the editor."""
    from core.voice.markup import HEADING

    found = HEADING.match(text.strip()) if "\n" not in text.strip() else None
    if found is not None:
        writing.heading(found["title"])
    else:
        writing.paragraph(text)


def _table(element: Any, writing: Writing) -> None:
    """A row is a line; a cell over several columns is spoken once."""
    writing.end_list()
    for row in element.iterchildren():
        if _tag(row) == "tr":
            cells = (
                " ".join("".join(_words(cell, writing.notes)).split())
                for cell in row.iterchildren()
                if _tag(cell) == "tc"
            )
            writing.bullet(", ".join(cell for cell in cells if cell))
    writing.end_list()


def _words(element: Any, notes: Notes) -> Iterator[str]:
    """Text under an element: insertions stay, what Word shows struck, hidden or beside the text does not."""
    for child in element.iterchildren():
        tag = _tag(child)
        if tag == "t":
            yield child.text or ""
        elif tag in ("tab", "noBreakHyphen"):
            yield " " if tag == "tab" else "-"
        elif tag in ("br", "cr"):
            yield "\n"
        elif tag in _SKIPPED:
            if _SKIPPED[tag][0]:
                notes.left_out(*_SKIPPED[tag])
        elif tag == "r" and any(_tag(part) == "vanish" for part in child.iter()):
            notes.left_out("hidden passage", "hidden passages")
        elif tag == "AlternateContent":
            notes.left_out("picture or text box", "pictures or text boxes")
        elif tag not in ("pPr", "rPr", "tcPr", "sdtPr"):
            yield from _words(child, notes)
            if tag == "p":
                yield "\n"
