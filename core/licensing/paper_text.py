"""The text of a licence paper. Runs in a child process: a hostile file can only hurt that, and it is killed at a deadline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import UserError

LARGEST = 20 << 20
MOST_PAGES = 60
"""That are read; what a licence says stands on its first ones."""
MOST_TEXT = 400_000
READ_WITHIN_S = 60.0
BY_HAND = "There is no text in it, as in a scan: fill in by hand what it says."
_PDF = b"%PDF-"


def is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return _PDF in file.read(1024)


def paper_in_child(path: str, progress: Progress) -> dict[str, Any]:
    """Columns of the asset that keeps it; UserError for what is no paper."""
    found = text_in_child(path, progress)
    return {"format": found["format"], "warnings": list(found["notes"]), "peaks": []}


def text_in_child(path: str, progress: Progress) -> dict[str, Any]:
    """{format: pdf | txt, text, notes}"""
    file = Path(path)
    if file.stat().st_size > LARGEST:
        raise UserError(
            f"“{file.name}” is larger than {LARGEST >> 20} MB.", "Keep the pages that state the licence.", "too_large"
        )
    progress("Reading", 0.1)
    if is_pdf(file):
        return _pdf(file)
    text = _plain(file)
    notes = [BY_HAND] if not text.strip() else []
    if len(text) > MOST_TEXT:
        notes.append(f"Only its first {MOST_TEXT:,} characters were read.")
    return {"format": "txt", "text": text[:MOST_TEXT], "notes": notes}


def _pdf(file: Path) -> dict[str, Any]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UserError(
                f"“{file.name}” is protected by a password.", "Save it without one and import it again.", "encrypted"
            )
        pages = len(reader.pages)
        parts: list[str] = []
        length = 0
        for page in reader.pages[:MOST_PAGES]:
            parts.append(page.extract_text() or "")
            length += len(parts[-1])
            if length > MOST_TEXT:
                break
    except UserError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError):
        # pypdf meets a broken file in many ways; whichever it is, the answer is the same.
        raise UserError(
            f"“{file.name}” is no PDF that can be read.", "Save it anew as a PDF, or import its text.", "bad_pdf"
        ) from None
    if not pages:
        raise UserError(f"“{file.name}” is a PDF without a page.", "Save it anew as a PDF.", "bad_pdf")
    text = "\n".join(parts)[:MOST_TEXT]
    notes = [] if text.strip() else [BY_HAND]
    if text.strip() and pages > MOST_PAGES:
        notes.append(f"It has {pages:,} pages; only the first {MOST_PAGES} were read.")
    return {"format": "pdf", "text": text, "notes": notes}


def _plain(file: Path) -> str:
    raw = file.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            pass
    elif b"\0" not in raw:
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UserError(f"“{file.name}” is neither a PDF nor text.", "Papers are PDF, text or a CSV sheet.", "bad_paper")
