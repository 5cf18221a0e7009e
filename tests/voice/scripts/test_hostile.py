"""Files that mean harm, and any text at all: one clear error, or a script that speaks the same words."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.kit.errors import UserError
from core.voice.cleaning import MAX_CHARACTERS, audible
from core.voice.markup import HEADING
from core.voice.scripts.reading import FORMATS, MAX_TEXT_BYTES, read_script
from core.voice.scripts.script import Script
from core.voice.speakers import match
from core.voice.text import parse
from core.voice.types import speech_request

LAUGHS = '<!DOCTYPE s [<!ENTITY a "lol">{}]><speak>&i;</speak>'.format(
    "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.ssml", LAUGHS.encode(), "declares entities"),
        ("a.txt", LAUGHS.encode(), "declares entities"),
        ("a.ssml", b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><speak>&a;</speak>', "declares entities"),
        ("a.ssml", b"<speak>a & b</speak>", "line 1, column 11"),
        ("a.ssml", b"<speak><p>a</speak>", "broken"),
        ("a.ssml", b"<speak>" + b"<p>" * 20_000, "broken"),
        ("a.xml", b"<html>a</html>", "<html>"),
        ("a.txt", b"a\0b\0\0c", "no text"),
        ("a.txt", bytes(range(256)) * 4, "no text"),
        ("a.txt", "half a file".encode("utf-16")[:-1], "UTF-16"),
        ("a.txt", b"\xef\xbb\xbfcut \xe2\x82", "UTF-8"),
        ("a.txt", b"x" * 10_000_000, "MB"),
        ("a.docx", b"x" * 20_000_000, "MB"),
        ("a.txt", b"word " * 11_000, "at most 50,000"),
        ("a.md", b"a" * 300_000, "at most 50,000"),
        ("a.txt", b"", "no text"),
        ("a.txt", b"# Only a heading", "nothing to pronounce"),
        ("a.md", b"```\ncode\n```", "no text"),
        ("a.srt", b"just words", "no subtitle"),
        ("a.vtt", b"WEBVTT\n\nNOTE nothing", "no subtitle"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<v" * 90_000, "characters"),
        ("a.csv", b'text\n"' + b"a" * 190_000, "at most 50,000"),
        ("a.pdf", b"%PDF-1.7", ".pdf"),
        ("a.rtf", b"{\\rtf1 x}", ".rtf"),
        ("a.odt", b"PK\x03\x04", ".odt"),
        ("../../etc/passwd.doc", b"anything", ".doc"),
    ],
)
def test_one_clear_error(name: str, data: bytes, said: str) -> None:
    with pytest.raises(UserError) as refused:
        read_script(name, data)
    assert said in refused.value.message
    assert refused.value.hint


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FORMATS), st.binary(max_size=300))
def test_any_bytes_are_a_script_or_one_error(ending: str, data: bytes) -> None:
    script = outcome(f"a{ending}", data)
    if isinstance(script, UserError):
        assert script.message
        assert script.hint
    else:
        assert speech_request(text=script.text).text


def outcome(name: str, data: bytes) -> Script | UserError:
    try:
        return read_script(name, data)
    except UserError as error:
        return error


PIECES = st.sampled_from([
    "a", "Bé", "日本", "\u0301", "\u200b", " ", "\n", "\n\n", "[", "]", "\\", "#", "# ", "{", "}", "speed: 2", "[pause 1s]",
    "[speed 2]", "[/speed]", "[voice Emma]", "[/voice]", "[emotion sad]", "- ", "ANNA: ", "*", "`", "<", ">", "&", "|", "\t",
])  # fmt: skip


def words(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
@example("\\\u200b[x]")
@example("# a {b}\n[speed 2]# [/speed]")
@example("\\[pause 1s]\\\\[pause 1s]")
def test_a_plain_text_speaks_the_same_words(text: str) -> None:
    script = outcome("a.txt", text.encode())
    if isinstance(script, UserError):
        body = [line for line in audible(text).split("\n") if not HEADING.match(line)]
        kept = re.sub(r"\[/?(pause|speed|voice|emotion)[^\[\]]*\]", "", "\n".join(body))
        assert not words(kept), "a text with words in it was refused"
        return
    said = words("".join(segment.text for segment in parse(speech_request(text=script.text).text)))
    written = words("\n".join(line for line in audible(text).split("\n") if not HEADING.match(line)))
    # Tags that work are not spoken; everything else is, in its order.
    left = iter(written)
    assert all(character in left for character in said)
    missing = len(written) - len(said)
    shown = [re.sub(r"\\[\[\]\\#]", "·", line) for line in script.text.split("\n") if not HEADING.match(line)]
    tags = re.findall(r"\[(?:pause 1s|/?speed(?: 2)?|/?voice(?: Emma)?|/?emotion(?: sad)?)\]", "\n".join(shown))
    assert missing == sum(len(words(tag)) for tag in tags)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([".md", ".ssml", ".csv", ".srt", ".txt"]), st.lists(PIECES, max_size=20).map("".join))
def test_what_comes_out_can_always_be_spoken(ending: str, text: str) -> None:
    wrapped = {
        ".ssml": f"<speak>{text.replace('&', '&amp;').replace('<', '&lt;')}</speak>",
        ".csv": f"text,speaker\n\"{text}\",\"{text}\"",
        ".srt": f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n",
    }.get(ending, text)  # fmt: skip
    script = outcome(f"a{ending}", wrapped.encode())
    if isinstance(script, UserError):
        return
    request = speech_request(text=script.text, speakers=dict.fromkeys(script.speakers, "Emma"))
    assert parse(request.text)
    if any(match(line) is None and words(line) and not HEADING.match(line) for line in request.text.split("\n")):
        assert parse(request.text, speakers=request.speakers)
    assert len(script.text) <= MAX_CHARACTERS
    if ending == ".ssml" and not re.search(r"\n\s*\n", text):
        assert words("".join(segment.text for segment in parse(request.text))) == words(audible(text))


def test_the_largest_text_file_is_read_at_all() -> None:
    data = ("word " * 9_000).encode("utf-16")
    assert len(data) < MAX_TEXT_BYTES
    assert len(read_script("a.txt", data).text) == 5 * 9_000 - 1
