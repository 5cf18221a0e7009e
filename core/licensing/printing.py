"""A sheet of paper: what it is about, a table, notes. As PDF, in whatever script the titles are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
)
"""Where systems keep a font of many scripts. Without one, the PDF's own Latin font is used, and what it cannot write is
marked with a question mark; the CSV and JSON beside it hold every title whole."""
_LATIN = "Helvetica"


@dataclass(frozen=True)
class Page:
    title: str
    about: tuple[tuple[str, str], ...]
    """(label, value) lines under the title."""
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    notes: tuple[str, ...] = ()
    empty: str = "Nothing."


def pdf(page: Page) -> bytes:
    from fpdf import FPDF
    from fpdf.enums import TableBordersLayout

    paper = FPDF(orientation="L", format="A4")
    paper.set_title(_safe(page.title, _font() is not None))
    paper.set_auto_page_break(True, margin=12)
    font = _font()
    whole = font is not None
    family = _LATIN
    if font is not None:
        paper.add_font("body", fname=str(font))
        family = "body"
    paper.add_page()
    paper.set_font(family, size=15)
    paper.multi_cell(0, 8, _safe(page.title, whole), new_x="LMARGIN", new_y="NEXT")
    paper.set_font(family, size=9)
    for label, value in page.about:
        if value:
            paper.multi_cell(0, 5, _safe(f"{label}: {value}", whole), new_x="LMARGIN", new_y="NEXT")
    paper.ln(3)
    paper.set_font(family, size=8)
    if page.rows:
        with paper.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, first_row_as_headings=True, line_height=4.5,
            text_align="LEFT", headings_style=_plain(family),
        ) as table:  # fmt: skip
            table.row([_safe(name, whole) for name in page.columns])
            for row in page.rows:
                table.row([_safe(str(cell)[:300], whole) for cell in row])
    else:
        paper.multi_cell(0, 5, _safe(page.empty, whole), new_x="LMARGIN", new_y="NEXT")
    paper.ln(3)
    for note in page.notes:
        paper.multi_cell(0, 5, _safe(note, whole), new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())


def _plain(family: str) -> object:
    from fpdf.fonts import FontFace

    return FontFace(family=family, color=80)


@lru_cache(maxsize=1)
def _font() -> Path | None:
    return next((Path(each) for each in _FONTS if Path(each).is_file()), None)


def _safe(text: str, whole: bool) -> str:
    """Control characters end no line; what the Latin font lacks is marked."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if whole else text.encode("cp1252", "replace").decode("cp1252")
