"""Word files: made by python-docx, and as hostile as they come."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.document import Document as Open
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from core.kit.errors import UserError
from core.voice.scripts.reading import read_script
from core.voice.scripts.word import MAX_UNPACKED_BYTES


def saved(write: Callable[[Open], None]) -> bytes:
    document = Document()
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def tracked(document: Open, kind: str, text: str) -> None:
    paragraph = document.add_paragraph("The rope ")
    change = OxmlElement(kind)
    run = OxmlElement("w:r")
    words = OxmlElement("w:delText" if kind == "w:del" else "w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    change.append(run)
    paragraph._p.append(change)
    paragraph.add_run(" holds.")


def script(document: Open) -> None:
    document.add_heading("Harbour", level=1)
    paragraph = document.add_paragraph("The harbour ")
    paragraph.add_run("wakes").bold = True
    paragraph.add_run(". [pause 500ms] A rope creaks. [sic]")
    document.add_paragraph("ANNA: Who is there?")
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Number")
    tracked(document, "w:del", "nearly")
    tracked(document, "w:ins", "surely")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Ada", "two masts"
    hidden = document.add_paragraph("Seen. ").add_run("Unseen.")
    hidden.font.hidden = True
    document.add_comment(paragraph.runs[0], text="A comment", author="x")
    document.add_paragraph("## Night {speed: 0.9}")
    document.add_paragraph("It is late.")


def test_a_word_file_is_read_in_order() -> None:
    made = read_script("a.docx", saved(script))
    assert made.text == (
        "# Harbour\n\nThe harbour wakes. [pause 500ms] A rope creaks. \\[sic]\n\nANNA: Who is there?\n\n"
        "- first\n- second\n\nThe rope holds.\n\nThe rope surely holds.\n\n- Ada, two masts\n\nSeen.\n\n"
        "# Night {speed: 0.9}\n\nIt is late."
    )
    assert made.sections == ("Harbour", "Night")
    assert made.speakers == ("ANNA",)
    told = " ".join(made.notes)
    assert all(each in told for each in ("1 tracked deletion", "1 comment", "1 hidden passage"))


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("word/document.xml", "w") as part:
            for _ in range(MAX_UNPACKED_BYTES // 2**20 + 1):
                part.write(b" " * 2**20)
    return out.getvalue()


def laughs() -> bytes:
    """A document whose text would unfold to gigabytes."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    evil = f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(script))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            if part == "word/document.xml":
                data = data.replace(b"?>", b"?>" + evil, 1).replace(b"It is late.", b"&l9;")
            new.writestr(part, data)
    return out.getvalue()


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("content.xml", "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said", "remedy"),
    [
        (bomb(), "unpack to 65 MB", "new document"),
        (laughs(), "damaged", "save it again"),
        (cut(saved(script)), "damaged", "save it again"),
        (b"not packed at all", "damaged", "save it again"),
        (b"PK\x03\x04 and nothing", "damaged", "save it again"),
        (locked(), "password", "remove"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Word file", ".docx"),
        (other_zip(), "not a Word document", ".docx"),
        (saved(lambda document: None), "no text", "at least one word"),
    ],
    ids=["bomb", "laughs", "cut", "no zip", "half a zip", "locked", "doc", "other", "empty"],
)
def test_what_cannot_be_read_says_so(data: bytes, said: str, remedy: str) -> None:
    with pytest.raises(UserError) as refused:
        read_script("a.docx", data)
    assert said in refused.value.message
    assert remedy in refused.value.hint
