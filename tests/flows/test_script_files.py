"""What comes in as scripts: CSV as spreadsheets write it, text files, ZIPs, and what is made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from core.flows.batch import MAX_ITEMS
from core.flows.script_files import MAX_FILE_BYTES, Row, check_room, rows_of
from core.kit.errors import UserError


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def csv_rows(text: str) -> list[Row]:
    return rows_of([("scripts.csv", text.encode())])


def test_a_csv_as_spreadsheets_write_it() -> None:
    found = rows_of(
        [
            (
                "s.csv",
                '\ufeffFile;Text;Voice;Speed\r\nhello.wav;"Hello; there.\r\nAgain.";Emma;1.2\r\n;Bye.;;\r\n\r\n'.encode(),
            )
        ]
    )
    assert [(row.number, row.name, dict(row.values)) for row in found] == [
        (1, "hello", {"text": "Hello; there.\r\nAgain.", "voice": "Emma", "speed": "1.2"}),
        (2, "row-002", {"text": "Bye."}),
    ]
    assert rows_of([("s.csv", "text\nCafé".encode("cp1252"))])[0].values["text"] == "Café"
    assert rows_of([("s.csv", "text\tname\nOne\tA".encode("utf-16"))])[0].name == "A"


def test_names_are_safe_and_unique() -> None:
    found = csv_rows('name,text\n../../etc/passwd,One\nA,Two\na,Three\na (2),Four\n"x:y*?",Five\nmy.new.take,Six')
    assert [row.name for row in found] == ["passwd", "A", "a (2)", "a (2) (2)", "x y", "my.new.take"]


def test_a_row_with_too_many_cells_is_an_error_of_that_row() -> None:
    found = csv_rows("name,text\nA,One, two\nB,Three")
    assert [row.error.message if row.error else "" for row in found] == ["It has 3 cells under 2 headings.", ""]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,txt\nA,One", "unknown column 'txt'"),
        ("name\nA", "no column 'text'"),
        ("text,text\nA,B", "twice"),
        ('name,text\nA,"One', "line 2"),
        ("name,text\n", "no script"),
        ("", "no column 'text'"),
    ],
)
def test_what_is_wrong_with_the_whole_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        csv_rows(text)
    assert refused.value.hint


def test_files_and_a_zip_of_them() -> None:
    data = packed(
        {"b/two.md": b"# Two\n\nWords.", "a/one.txt": b"One.", "__MACOSX/a/._one.txt": b"x", ".DS_Store": b"x",
         "c/list.csv": b"name,text\nthree,Three.", "photo.jpg": b"\xff\xd8"}
    )  # fmt: skip
    found = rows_of([("zero.txt", b"Zero."), ("all.zip", data)])
    assert [(row.name, row.values.get("text"), bool(row.error)) for row in found] == [
        ("zero", "Zero.", False), ("one", "One.", False), ("two", "# Two\n\nWords.", False),
        ("three", "Three.", False), ("photo", None, True),
    ]  # fmt: skip
    assert found[4].error is not None
    assert "no script the studio reads" in found[4].error.message


def test_paths_that_climb_stay_names() -> None:
    found = rows_of([("evil.zip", packed({"../../../tmp/evil.txt": b"One.", "C:\\windows\\two.txt": b"Two."}))])
    assert sorted(row.name for row in found) == ["evil", "two"]
    assert not any(mark in row.name for row in found for mark in "/\\:")


def test_a_bomb_is_read_no_further_than_its_limit() -> None:
    found = rows_of([("bomb.zip", packed({"bomb.txt": b"a" * (200 * 2**20), "fine.txt": b"Fine."}))])
    assert found[0].error is not None
    assert "too large" in found[0].error.message
    assert found[1].values["text"] == "Fine."
    many = packed({f"{n}.txt": b"a " * (MAX_FILE_BYTES // 2) for n in range(40)})
    with pytest.raises(UserError, match="unpacks to more than 64 MB"):
        rows_of([("many.zip", many)])


def test_ten_thousand_files_and_a_false_table_of_contents() -> None:
    with pytest.raises(UserError, match="10,000 files"):
        rows_of([("many.zip", packed({f"{n}.txt": b"One." for n in range(10_000)}, zipfile.ZIP_STORED))])
    good = bytearray(packed({"one.txt": b"One."}))
    struct.pack_into("<I", good, good.rfind(b"PK\5\6") + 12, 2**30)
    with pytest.raises(UserError, match="far too many"):
        rows_of([("false.zip", bytes(good))])
    with pytest.raises(UserError, match=f"more than {MAX_ITEMS}"):
        csv_rows("text\n" + "One.\n" * (MAX_ITEMS + 1))


def test_a_damaged_or_locked_part_is_a_row_with_an_error() -> None:
    data = bytearray(packed({"one.txt": b"One." * 50, "two.txt": b"Two."}, zipfile.ZIP_STORED))
    at = data.index(b"One.One.")
    data[at] = ord("X")
    found = rows_of([("z.zip", bytes(data))])
    assert found[0].error is not None
    assert "damaged" in found[0].error.message
    assert found[1].error is None
    locked = bytearray(packed({"one.txt": b"One."}))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(mark) + place] |= 1
    told = rows_of([("l.zip", bytes(locked))])[0].error
    assert told is not None
    assert "password" in told.message


CUT = [b"", b"PK", b"not a zip at all", packed({"a.txt": b"One."})[:-30]]


# A ZIP holds the time it was written: as the name of a test, that would differ from one worker to the other.
@pytest.mark.parametrize("data", CUT, ids=["empty", "two letters", "text", "cut short"])
def test_what_is_no_zip_says_so(data: bytes) -> None:
    with pytest.raises(UserError, match="no ZIP"):
        rows_of([("z.zip", data)])
    inner = rows_of([("outer.zip", packed({"inner.zip": data, "a.txt": b"A."}))])
    assert [row.error is None for row in inner] == [True, False]


def test_what_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    with pytest.raises(UserError, match="larger than 64 MB"):
        check_room([40 * 2**20, 30 * 2**20])
