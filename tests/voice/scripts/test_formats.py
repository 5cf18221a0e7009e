"""A real file of each format becomes a script that can be spoken."""

from __future__ import annotations

import pytest

from core.kit.errors import UserError
from core.voice.scripts.reading import read_script
from core.voice.scripts.script import Script
from core.voice.text import parse


def read(name: str, text: str, **options: bool) -> Script:
    return read_script(name, text.encode(), **options)


def spoken(script: Script) -> list[str]:
    speakers = dict.fromkeys(script.speakers, "")
    return [segment.text for segment in parse(script.text, speakers=speakers)]


def test_plain_text_is_our_markup_and_other_brackets_are_words() -> None:
    script = read(
        "a.txt", "# Night {pause: 1s}\nHi [sic] [pause 1s] there.\n\n[speed 2]a [pitch 1]b[/speed] \\[pause 2s]"
    )
    assert script.text == (
        "# Night {pause: 1s}\nHi \\[sic] [pause 1s] there.\n\n\\[speed 2]a \\[pitch 1]b\\[/speed] \\[pause 2s]"
    )
    assert script.sections == ("Night",)
    assert "[sic], [speed 2], [pitch 1], [/speed]" in script.notes[0]
    assert " ".join(spoken(script)) == "Hi [sic] there. [speed 2]a [pitch 1]b[/speed] [pause 2s]"


def test_braces_that_are_no_settings_stay_words_of_the_title() -> None:
    script = read("a.txt", "# Set {1, 2}\nText.")
    assert script.sections == ("Set (1, 2)",)
    assert "{1, 2}" in script.notes[0]


MARKDOWN = r"""---
title: left out
---
# The *harbour* {voice: Emma}

Hi **there**, [the words](https://example.org) [pause 500ms] and a\[pause 1s] `code[x]` ![a boat](boat.png) ~~gone~~.
ANNA: Is it you?
**Ben:** Yes &amp; no.

1. first
2. second
   - inner

| ship | mast |
|------|------|
| Ada  | two  |

```python
print()
```
<div>Loud <i>waves</i></div>

\# not a heading
"""


def test_markdown_is_read_as_somebody_would_read_it_aloud() -> None:
    script = read("a.md", MARKDOWN)
    assert script.text == (
        "# The harbour {voice: Emma}\n\n"
        "Hi there, the words [pause 500ms] and a\\[pause 1s] code\\[x] a boat .\nANNA: Is it you?\nBen: Yes & no.\n\n"
        "- 1: first\n- 2: second\n- inner\n\n- ship, mast\n- Ada, two\n\nLoud waves\n\n\\# not a heading"
    )
    assert script.speakers == ("ANNA",)
    assert script.sections == ("The harbour",)
    told = " ".join(script.notes)
    assert all(each in told for each in ("front matter", "1 block of code", "1 struck passage", "HTML", "images"))


SRT = """1
00:00:01,000 --> 00:00:02,000
ANNA: Hello <i>there</i>,

2
00:00:02,100 --> 00:00:03,000
how are you? [door slams]

3
00:00:03,600 --> 00:00:04,000
- Fine.
- BEN: Me too. ♪

4
00:00:08,000 --> 00:00:09,000
{\\an8}The end.
"""


def test_subtitles_keep_their_words_and_speakers() -> None:
    script = read("a.srt", SRT)
    assert script.text == "ANNA: Hello there,\nhow are you?\n- Fine.\nBEN: Me too.\n\nThe end."
    assert script.speakers == ("ANNA", "BEN")
    assert script.notes == ("2 descriptions of sounds were left out.",)


def test_gaps_between_subtitles_become_pauses_when_asked_for() -> None:
    segments = parse(read("a.srt", SRT, gaps=True).text)
    assert [segment.pause_after_ms for segment in segments if segment.pause_after_ms] == [600]
    assert segments[-1].pause_before_ms == 4000


VTT = """WEBVTT
Kind: captions

NOTE not a cue
at all

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.000 align:start
<v Anna>Hello <c.x>there</c></v>

00:02.000 --> 00:03.000
<v Anna>and <00:02.500>again

last
00:03.000 --> 00:04.000
<v Ben Carter>No.
<v.loud Anna>Yes!
"""


def test_webvtt_names_its_speakers() -> None:
    script = read("a.vtt", VTT)
    assert script.text == "Anna: Hello there\nand again\nBen Carter: No.\nAnna: Yes!"
    assert script.speakers == ("Anna", "Ben Carter")


def test_ass_names_its_actors_and_hides_its_comments() -> None:
    script = read(
        "a.ass",
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Anna,0,0,0,,Hello{\\i1} there\\Nfriend\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,Anna,0,0,0,,Secret\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,Ben,0,0,0,,Hi\n",
    )
    assert script.text == "Anna: Hello there\nfriend\nBen: Hi"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_table_in_any_order_and_case(mark: str) -> None:
    rows = [
        ["Speaker", "TEXT", "Section", "Pause MS", "speed", "emotion", "colour"],
        ["Anna", '"Hello, you; there"', "One", "500", "0.9", "sad", "red"],
        ["Ben", "Hi [speed 2]x", "One", "", "", "", ""],
        ["", "Nobody.", "Two", "", "", "", ""],
        ["Anna", "", "Two", "", "", "", ""],
    ]
    script = read("a.csv", "\r\n".join(mark.join(row) for row in rows).replace("Hello, you; there", "Hello you there"))
    assert script.text == (
        "# One\n\nAnna: [speed 0.9][emotion sad]Hello you there[/emotion][/speed] [pause 500ms]\n\n"
        "Ben: Hi \\[speed 2]x\n\n# Two\n\nNobody."
    )
    assert script.speakers == ("Anna", "Ben")
    assert "colour" in script.notes[0]
    assert "1 row without text" in script.notes[1]


@pytest.mark.parametrize(
    ("table", "said", "allowed"),
    [
        ("line,who\nHi,Anna", "'line', 'who'", "pause_ms, speed"),
        ("text,speed\nHi,1\nHi,9", "Row 3", "0.25 to 4"),
        ("text,emotion\nHi,bored", "bored", "whisper"),
        ("text,pause_ms\nHi,never", "never", "60,000"),
        ("text,text\nHi,you", "twice", "any order"),
        ("", "nothing", "any order"),
    ],
)
def test_a_wrong_table_is_one_error(table: str, said: str, allowed: str) -> None:
    with pytest.raises(UserError) as refused:
        read("a.csv", table)
    assert said in refused.value.message
    assert allowed in refused.value.hint


SSML = """<?xml version="1.0" encoding="UTF-8"?>
<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="http://www.w3.org/2001/mstts">
<p><s>Hello <break time="500ms"/> you [there]</s><s>One <emphasis>two</emphasis> three.</s></p>
<prosody rate="80%" pitch="+2st" volume="loud">slow <say-as interpret-as="characters">FBI</say-as></prosody>
<sub alias="World Wide Web">WWW</sub> <voice name="Emma">mine</voice> <lang xml:lang="fr">oui</lang>
<phoneme alphabet="ipa" ph="təˈmɑːtoʊ">tomato</phoneme> <mark name="x"/><audio src="x.mp3">unheard</audio>
<mstts:express-as style="sad">so</mstts:express-as>
</speak>"""


def test_ssml_becomes_our_markup() -> None:
    script = read("a.ssml", SSML)
    assert script.text == (
        "Hello [pause 500ms] you \\[there]. One [speed 0.92][pitch 1]two[/pitch][/speed] three.\n\n"
        "[speed 0.8][pitch 2]slow F B I[/pitch][/speed] World Wide Web [voice Emma]mine[/voice] oui tomato "
        "[emotion sad]so[/emotion]"
    )
    assert script.pronunciations == {"tomato": "/təˈmɑːtoʊ/"}
    told = " ".join(script.notes)
    assert all(each in told for each in ("volume", "language", "1 mark ", "1 sound file"))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ('<prosody rate="+10%">x</prosody>', "[speed 1.1]x[/speed]"),
        ('<prosody rate="x-fast">x</prosody>', "[speed 1.75]x[/speed]"),
        ('<prosody rate="900%">x</prosody>', "[speed 4]x[/speed]"),
        ('<prosody pitch="-50%">x</prosody>', "[pitch -12]x[/pitch]"),
        ('<prosody pitch="200Hz">x</prosody>', "x"),
        ('<prosody pitch="low"><prosody rate="slow">x</prosody></prosody>', "[pitch -3][speed 0.75]x[/speed][/pitch]"),
        ('a<break strength="x-strong"/>x', "a [pause 1500ms] x"),
        ('a<break strength="none"/>x', "ax"),
        ('a<break time="90s"/>x', "a [pause 60000ms] x"),
        ('<say-as interpret-as="telephone">12</say-as>', "12"),
        ('<phoneme alphabet="x-sampa" ph="x">word</phoneme>', "word"),
        ("# x \\[pause 1s]", "\\# x \\\\\\[pause 1s]"),
    ],
)
def test_ssml_values(given: str, made: str) -> None:
    assert read("", f"<speak>{given}</speak>").text == made


def test_what_it_is_is_seen_without_an_ending() -> None:
    assert read("", SRT).text == read("a.srt", SRT).text
    assert read("a.txt", VTT).text == read("a.vtt", VTT).text
    assert read("notes.script", "Only words.").text == "Only words."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Le café est fermé, où sont les élèves ? Déjà vu à Noël."
    script = read_script("a.txt", text.encode(encoding))
    assert script.text == text
    assert ("Windows-1252" in " ".join(script.notes)) == (encoding == "cp1252")


def test_another_alphabet_in_an_old_code_page() -> None:
    text = "Гавань просыпается раньше города, и канат скрипит."
    script = read_script("a.txt", text.encode("cp1251"))
    assert script.text == text
    assert "Windows-1251" in script.notes[0]
