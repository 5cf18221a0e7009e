"""What is read from licence papers, and what is asked instead of guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from core.kit.errors import UserError
from core.licensing.paper_text import BY_HAND, MOST_PAGES, paper_in_child, text_in_child
from core.licensing.reading_papers import ASKED, Reading, read

PAPER = """MUSIC LICENSE CERTIFICATE
Certificate No.: A-1009
Track title: Sunrise
Artist: A. Composer
Licensed to: Quay Films
Start date: 1 November 2026
Expiry date: 2027-10-31
Territory: Worldwide
Platforms: YouTube, Instagram and website
Commercial use: Yes
Price paid: $1,249.50
Credit line: "Sunrise" by A. Composer
"""
FRENCH = """Numéro de licence : FR-77
Titre : L'été au port
Artiste : Zoë Müller
Date de début : 03/04/2026
Date de fin : 31 décembre 2026
Territoires : France, Monaco
Plateformes : site web et balado
Usage commercial : non
Prix : 1 200,00 EUR
"""


def pdf(path: Path, text: str, pages: int = 1) -> Path:
    made = FPDF()
    made.set_font("Helvetica", size=11)
    for _ in range(pages):
        made.add_page()
        for line in text.splitlines():
            made.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    made.output(str(path))
    return path


def told(reading: Reading) -> dict[str, object]:
    return {name: said.value for name, said in reading.fields.items()}


def text_of(path: Path) -> dict[str, object]:
    return dict(text_in_child(str(path), lambda stage, done: None))


@pytest.mark.parametrize("form", ["txt", "pdf"])
def test_a_certificate_is_read_with_the_words_it_says_it_in(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"paper.{form}"
    if form == "pdf":
        pdf(path, PAPER)
    else:
        path.write_text(PAPER)
    found = text_of(path)
    assert found["format"] == form
    (reading,) = read(str(found["text"]))
    assert told(reading) == {
        "certificate": "A-1009", "title": "Sunrise", "artist": "A. Composer", "licensee": "Quay Films",
        "starts_on": "2026-11-01", "ends_on": "2027-10-31", "territories": [], "platforms": ["youtube", "instagram", "web"],
        "commercial": True, "price_usd": "1249.50", "attribution": '"Sunrise" by A. Composer',
    }  # fmt: skip
    assert reading.fields["ends_on"].snippet == "Expiry date: 2027-10-31"
    assert reading.missing == []


def test_a_french_certificate_writes_days_first_and_no_dollars() -> None:
    (reading,) = read(FRENCH)
    found = told(reading)
    assert found["starts_on"] == "2026-04-03"
    assert found["ends_on"] == "2026-12-31"
    assert found["platforms"] == ["web", "podcast"]
    assert found["territories"] == ["France", "Monaco"]
    assert found["commercial"] is False
    assert found["title"] == "L'été au port"
    assert reading.missing == ["price_usd"], "a price in another money is asked"


@pytest.mark.parametrize(
    ("line", "field", "why"),
    [
        ("Start date: 03/04/2026", "starts_on", "may be two days"),
        ("End date: 31/02/2026", "ends_on", "is no day"),
        ("Term: one year", "ends_on", "names a length"),
        ("Platforms: YouTube and the moon", "platforms", "no platform the studio knows"),
        ("Commercial use: see annex", "commercial", "neither yes nor no"),
        ("Title: One\nTrack: Two", "title", "Said twice"),
        ("Project: The harbour film", "projects", "choose which"),
    ],
)
def test_what_is_not_clear_is_asked(line: str, field: str, why: str) -> None:
    (reading,) = read(line)
    assert field not in reading.fields
    assert field in reading.missing
    assert why in " ".join(reading.notes)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Valid until: 31.12.2026", "2026-12-31"), ("Expires on: December 31st, 2026", "2026-12-31"),
        ("Expires: 2026/12/31", "2026-12-31"), ("Échéance : 31/12/2026", "2026-12-31"), ("Fin: 1er janvier 2027", "2027-01-01"),
        ("Term: in perpetuity", None), ("Durée : illimitée", None), ("Valid from 2026-01-01 to 2026-12-31", "2026-12-31"),
        ("Expiry date\n31 Dec 2026", "2026-12-31"),
    ],
)  # fmt: skip
def test_last_days_in_many_notations(line: str, value: str | None) -> None:
    (reading,) = read(line)
    assert reading.fields["ends_on"].value == value


def test_a_sheet_is_a_licence_a_row() -> None:
    sheet = (
        "Fichier;Titre;Artiste;N° de licence;Date de début;Date de fin;Plateformes;Territoires;Usage commercial\n"
        "a.wav;Un;Zoë;L-1;01/02/2026;01/02/2027;toutes;monde entier;oui\n"
        ";;;;;;;;\n"
        "b.wav;=HYPERLINK(\"http://x\");<img src=x onerror=alert(1)>;L-2;01/02/2026;à perpétuité;YouTube;France;non\n"
    )  # fmt: skip
    one, two = read(sheet)
    assert (one.file, one.row, one.missing) == ("a.wav", 2, [])
    assert told(one)["platforms"] == []
    assert (two.file, two.row) == ("b.wav", 4)
    assert told(two)["ends_on"] is None
    assert told(two)["title"] == '=HYPERLINK("http://x")', "kept as it is; who writes a sheet makes it harmless"


def test_nothing_said_is_everything_asked() -> None:
    (reading,) = read("Dear Sir,\nthank you for your message.")
    assert reading.missing == list(ASKED)


def test_a_head_as_long_as_a_book_is_read() -> None:
    (reading,) = read("title;artist;" + "x" * 200_000 + "\nHarbour;Ada;-")
    assert (reading.fields["title"].value, reading.fields["artist"].value) == ("Harbour", "Ada")


def test_a_scan_of_500_pages_is_filled_in_by_hand(tmp_path: Path) -> None:
    found = text_of(pdf(tmp_path / "scan.pdf", "", pages=500))
    assert found["notes"] == [BY_HAND]
    long = text_of(pdf(tmp_path / "long.pdf", "Title: Long", pages=MOST_PAGES + 5))
    assert f"only the first {MOST_PAGES} were read" in str(long["notes"])


def test_files_that_are_no_papers_say_so(tmp_path: Path) -> None:
    fake = tmp_path / "fake.pdf"
    fake.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    with pytest.raises(UserError, match="no PDF that can be read"):
        text_of(fake)
    locked = tmp_path / "locked.pdf"
    writer = PdfWriter(PdfReader(pdf(tmp_path / "plain.pdf", PAPER)))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(locked)
    with pytest.raises(UserError, match="password") as refused:
        paper_in_child(str(locked), lambda stage, done: None)
    assert refused.value.code == "encrypted"
    other = tmp_path / "other.txt"
    other.write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(UserError, match="neither a PDF nor text"):
        text_of(other)
