import pytest

from core.kit.errors import UserError
from core.voice.cleaning import MAX_CHARACTERS, clean
from core.voice.languages import estimate_seconds
from core.voice.markup import Style
from core.voice.sentences import LONGEST, sentence_spans
from core.voice.text import parse
from core.voice.types import SpeechRequest, speech_request


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end].strip() for span in sentence_spans(text, language)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Smith paid 3.50 dollars to J. R. Tolkien. He left.", 2),
        ("Wait... what? Yes! No. 5 is alive.", 3),
        ("She said no. He said yes.", 2),
        ("“Really?” she asked. “Yes.” Fine.", 3),
        ("Use e.g. a comma, i.e. this one. Done.", 2),
        ("नमस्ते। यह एक परीक्षण है॥ धन्यवाद।", 3),
        ("你好。今天天气很好！我们走吧？好。", 4),
        ("مرحبا بكم. كيف حالكم؟ بخير.", 3),
        ("M. Dupont est là. Il attend Mme. Durand.", 2),
        ("no full stop at all", 1),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_german_ordinals_do_not_end_a_sentence() -> None:
    assert len(sentences("Am 3. Mai kommt er. Gut.", "de")) == 2
    assert len(sentences("He was born on May 3. Mary too.", "en")) == 2


def test_sentences_cover_the_text_and_endless_ones_are_cut_for_breath() -> None:
    text = "word, " * 400
    spans = sentence_spans(text)
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(span.end - span.start <= LONGEST for span in spans)
    assert [span.complete for span in spans] == [False] * (len(spans) - 1) + [True]


def test_cleaning_keeps_letters_and_drops_what_cannot_be_heard() -> None:
    dirty = "\ufeffA\x00B\u200b\u202e c\u0301a\r\n\r\n\r\n\r\nx\u00a0 y\ud800"
    assert clean(dirty) == "AB \u0107a\n\nx y"
    assert clean("क्\u200dष") == "क्\u200dष"  # a joiner inside a word is spelling
    assert clean("שלום עולם") == "שלום עולם"


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x01\x02", "😀🎉👍🏽", "… !!! ---", "\u200b\u200b"])
def test_nothing_to_speak_is_one_clear_error(text: str) -> None:
    with pytest.raises(UserError) as caught:
        speech_request(text=text)
    assert caught.value.hint
    assert caught.value.code == "empty_text"


@pytest.mark.parametrize("size", [MAX_CHARACTERS + 1, 1_000_000, 2_000_000])
def test_too_long_a_text_is_refused_with_its_size(size: int) -> None:
    with pytest.raises(UserError, match=f"{size:,}"):
        speech_request(text="a" * size)


def test_the_longest_text_is_taken() -> None:
    assert len(speech_request(text="word " * 10_000).text) == MAX_CHARACTERS - 1


@pytest.mark.parametrize(
    "values",
    [
        {"speed": float("nan")},
        {"speed": 0.1},
        {"speed": "fast"},
        {"pitch": 13},
        {"pitch": float("inf")},
        {"range": -1},
        {"sentence_pause_ms": -5},
        {"colour": "red"},
        {"pronunciations": {"a": 3}},
        {"seed": -1},
    ],
)
def test_a_value_out_of_range_is_named(values: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        speech_request(text="Hello.", **values)
    assert next(iter(values)) in caught.value.message
    assert caught.value.hint


def test_the_text_itself_must_be_text() -> None:
    with pytest.raises(UserError, match="missing"):
        speech_request()
    with pytest.raises(UserError, match="missing"):
        SpeechRequest(text=None)


SCRIPT = """# Opening
Hello Dr. Smith. It is [speed 0.8]very [pitch -2]slow[/pitch] here[/speed]! [pause 500ms]Then on.

[pause 1.5s]

# Middle part
A \\[bracket\\] stays.
- first point
- second point
[voice Adam]Really[/voice]?"""


def test_markup_becomes_segments_with_their_place_in_the_source() -> None:
    segments = parse(clean(SCRIPT))
    texts = [segment.text for segment in segments]
    assert texts == [
        "Hello Dr. Smith.",
        "It is",
        "very",
        "slow",
        "here!",
        "Then on.",
        "A [bracket] stays.",
        "first point",
        "second point",
        "Really?",
    ]
    source = clean(SCRIPT)
    for segment in segments:
        assert "".join(source[offset] for offset in segment.offsets) == segment.text
    assert segments[2].style == Style(speed=0.8)
    assert segments[3].style == Style(speed=0.8, pitch=-2)
    assert segments[9].style == Style(voice="Adam")
    assert [segment.ends for segment in segments[:6]] == ["sentence", "", "", "", "sentence", "paragraph"]
    assert (segments[4].pause_after_ms, segments[5].pause_after_ms) == (500, 1500)
    assert [segment.section for segment in segments] == ["Opening"] * 6 + ["Middle part"] * 4
    assert segments[7].line == 8


def test_a_pause_before_the_first_word_is_kept() -> None:
    assert parse("[pause 2s]Go.")[0].pause_before_ms == 2000
    assert parse("[pause 2s]\n\nGo.")[0].pause_before_ms == 2000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Fine.\nHello [sing]la[/sing]", "line 2"),
        ("[speed]x[/speed]", "speed"),
        ("[speed 9]x[/speed]", "9"),
        ("[pitch nan]x[/pitch]", "nan"),
        ("[speed 0.8]never closed", "never closed"),
        ("too much[/speed]", "closes nothing"),
        ("[speed 0.8][pitch 1]x[/speed][/pitch]", "closes nothing"),
        ("a [pause soon] b", "soon"),
        ("a [pause 61s] b", "61s"),
        ("[voice]x[/voice]", "cannot be used"),
        ("[[h@l'oU]]", "Unknown tag"),
        ("# Only a heading", "nothing to pronounce"),
    ],
)
def test_markup_that_cannot_be_meant_names_itself(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("[", r"\[")) as caught:
        parse(clean(text))
    assert caught.value.hint


def test_the_estimate_follows_speed_and_pauses() -> None:
    text = "This is a sentence of some length. " * 10
    normal = estimate_seconds(text, "en-us")
    assert estimate_seconds(text, "en-us", speed=2) < 0.7 * normal
    assert estimate_seconds("[pause 10s]" + text, "en-us") == pytest.approx(normal + 10)
    assert estimate_seconds("你好。", "cmn") > estimate_seconds("abc.", "en")


SECTIONS = """Before.
# Night {voice: Emma, speed: 0.9, pitch: -2, emotion: sad, pause: 1s}
The wind. [speed 0.5]Slow.[/speed]

Still night.
## Day
The sun."""


def test_a_section_has_settings_of_its_own() -> None:
    segments = parse(clean(SECTIONS))
    night = Style(speed=0.9, pitch=-2, voice="Emma", emotion="sad")
    slow = Style(speed=0.45, pitch=-2, voice="Emma", emotion="sad")
    assert [(each.section, each.style) for each in segments] == [
        ("", Style()), ("Night", night), ("Night", slow), ("Night", night), ("Day", Style()),
    ]  # fmt: skip
    assert [each.pause_after_ms for each in segments] == [1000, None, None, None, None]
    assert estimate_seconds("# A {pause: 10s}\nHi.") == pytest.approx(estimate_seconds("Hi.") + 10)


def test_a_title_without_settings_stays_as_it_is() -> None:
    for title in ("A (b)", "{a} b", "a: b", "50% [off]"):
        assert parse(f"# {title}\nHi.")[0].section == title


def test_an_emotion_of_a_few_words() -> None:
    assert [(each.text, each.style.emotion) for each in parse("Go [emotion Angry]now[/emotion]!")] == [
        ("Go", ""), ("now!", "angry"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column", "allowed"),
    [
        ("Fine.\nHello [sing]la[/sing]", 2, 7, "[pause 500ms]"),
        ("a [speed 9]x[/speed]", 1, 3, "0.25 to 4"),
        ("Go.\n\nNow [speed 0.8]on", 3, 5, "[/speed]"),
        ("too much[/speed]", 1, 9, "Nothing is open"),
        ("a [pause 61s] b", 1, 3, "60 s"),
        ("[emotion bored]x[/emotion]", 1, 1, "whisper"),
        ("# A {speed: 0.9, colour: red}\nx", 1, 18, "voice: Emma"),
        ("x\n# A {speed: 9}\nx", 2, 6, "0.25 to 4"),
        ("# A {pitch: -2, pitch: 2}\nx", 1, 17, "at most once"),
        ("# A {pause: soon}\nx", 1, 6, "500ms"),
        ("# A {emotion: bored}\nx", 1, 6, "whisper"),
        ("# A {voice:}\nx", 1, 6, "Name a voice"),
        ("# A {}\nx", 1, 6, "voice: Emma"),
    ],
)
def test_a_markup_error_names_line_and_column_and_what_is_allowed(
    text: str, line: int, column: int, allowed: str
) -> None:
    with pytest.raises(UserError) as refused:
        parse(clean(text))
    assert f"on line {line}, column {column}" in refused.value.message.replace(".", " ")
    assert allowed in refused.value.hint
    assert refused.value.code == "markup"
