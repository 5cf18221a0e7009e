"""Bytes to text: UTF-8, UTF-16 with or without its mark, or an older code page; refused where they are no text."""

from __future__ import annotations

import codecs

from core.kit.errors import UserError

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_OTHERS = ["cp1251", "cp1253", "cp1255", "cp1256", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
_SAMPLE = 20_000
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1a\x1b")


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and a note where its encoding was guessed. UserError for bytes that are no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(name), ""
            except UnicodeDecodeError:
                raise _broken(name.upper().removesuffix("-LE").removesuffix("-BE")) from None
    if b"\0" in data:
        return _wide(data), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    if sum(byte in _CONTROLS for byte in data[:_SAMPLE]) > len(data[:_SAMPLE]) / 100:
        raise _no_text()
    name = _code_page(data)
    told = name.replace("cp125", "Windows-125")
    note = f"The file is not UTF-8; it was read as {told}. If letters look wrong, save it as UTF-8 and load it again."
    return data.decode(name, "replace"), note


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: nearly every other byte of it is 0 in scripts with an alphabet, and no other text has any."""
    sample = data[:_SAMPLE]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if max(low, high) > 0.4 * len(sample) / 2 and min(low, high) <= max(low, high) / 10:
        name = "utf-16-le" if high > low else "utf-16-be"
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            raise _broken("UTF-16") from None
        if "\0" not in text:
            return text
    raise _no_text()


def _code_page(data: bytes) -> str:
    """Windows-1252 for Western languages, where a few letters among many are beyond ASCII. Where most are, it is another
    alphabet, and statistics tell them apart; on Western text those statistics mistake one page for its neighbour."""
    letters = [byte for byte in data[:_SAMPLE] if byte >= 0x80 or chr(byte).isalpha()]
    if sum(byte >= 0x80 for byte in letters) > 0.5 * len(letters):
        from charset_normalizer import from_bytes

        found = from_bytes(data[:_SAMPLE], cp_isolation=_OTHERS).best()
        if found is not None:
            return found.encoding
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _broken(name: str) -> UserError:
    return UserError(
        f"The file says it is {name}, but it is damaged or cut off.", "Save it again as UTF-8 and load it once more.",
        "not_text",
    )  # fmt: skip


def _no_text() -> UserError:
    return UserError(
        "The file holds no text: it is a sound, a picture, a program or damaged.",
        "Load a .txt, .md, .srt, .vtt, .ass, .csv, .docx or SSML file.", "not_text",
    )  # fmt: skip
