"""What people type and send: every wrong value is one clear error before any work, every odd one a correct result."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import UserError
from core.store.assets import Asset
from tests.bad_input.conftest import clean, errors_logged, refused, remedied

NAN, INF = float("nan"), float("inf")

SPEECH: dict[str, dict[str, object]] = {
    "empty": {"text": ""},
    "blank": {"text": " \t\n\u00a0\u2003\ufeff"},
    "control characters": {"text": "\x00\x01\x07\x1b\x7f\u200b\u202e"},
    "emoji": {"text": "🎉🎷👩‍👩‍👧"},
    "punctuation": {"text": "… !? —"},
    "lone surrogates": {"text": "\ud83d\ud83d"},
    "a megabyte": {"text": "word " * 210_000},
    "too long by one": {"text": "a" * 50_001},
    "no string": {"text": 5},
    "nothing": {"text": None},
    "bytes": {"text": b"hello"},
    "unknown voice": {"text": "hi", "voice": "Nobody At All"},
    "unknown language": {"text": "hi", "voice": "espeak:xx"},
    "another's provider": {"text": "hi", "voice": "nobodys:Rachel"},
    "voice with a path": {"text": "hi", "voice": "../../etc/passwd"},
    "voice of a novel": {"text": "hi", "voice": "v" * 5000},
    "speed 0": {"text": "hi", "speed": 0},
    "speed nan": {"text": "hi", "speed": NAN},
    "pitch inf": {"text": "hi", "pitch": INF},
    "range": {"text": "hi", "range": -1},
    "pause": {"text": "hi", "sentence_pause_ms": 10**9},
    "volume": {"text": "hi", "volume_db": 60},
    "seed": {"text": "hi", "seed": -1},
    "unknown setting": {"text": "hi", "colour": "red"},
    "open tag": {"text": "[speed 0.5]never closed"},
    "closed tag": {"text": "never opened[/speed]"},
    "unknown tag": {"text": "a [shout]b[/shout]"},
    "pause of a year": {"text": "a [pause 99999999s] b"},
    "speed of nan": {"text": "[speed nan]x[/speed]"},
    "nothing but tags": {"text": "[pause 500ms]"},
    "nothing but a heading": {"text": "# Title"},
    "pronunciation": {"text": "hi", "pronunciations": {"hi": "[[%%%"}},
    "priority": {"text": "hi", "priority": "now"},
}

MUSIC: dict[str, dict[str, object]] = {
    "mood": {"mood": "grumpy"},
    "genre": {"genre": "polka-punk"},
    "key": {"key": "H flat"},
    "key with a path": {"key": "../../etc"},
    "key of a novel": {"key": "C" * 5000},
    "bpm 0": {"bpm": 0},
    "bpm a billion": {"bpm": 1e9},
    "bpm nan": {"bpm": NAN},
    "bpm negative": {"bpm": -120},
    "bpm a word": {"bpm": "fast"},
    "0 seconds": {"seconds": 0},
    "negative seconds": {"seconds": -30},
    "ten hours": {"seconds": 36_000},
    "nan seconds": {"seconds": NAN},
    "endless": {"seconds": INF},
    "intensity": {"intensity": "eleven"},
    "ending": {"ending": "explode"},
    "seed": {"seed": -1},
    "seed of a fraction": {"seed": 1.5},
    "seed too large": {"seed": 2**31},
    "prompt of a novel": {"prompt": "calm " * 1000},
    "unknown setting": {"colour": "red"},
    "provider": {"provider": "nobody", "seconds": 3},
    "instrument": {"instruments": ("kazoo from mars",), "seconds": 3},
    "preset": {"preset": "nope", "seconds": 3},
}  # fmt: skip


@pytest.mark.parametrize(
    "what",
    list(SPEECH),
)
def test_speech_that_cannot_be(desk: Studio, what: str) -> None:
    before = len(desk.jobs.list(LOCAL, limit=1000))
    refused(lambda: desk.voice.speak(LOCAL, **SPEECH[what]))
    assert len(desk.jobs.list(LOCAL, limit=1000)) == before


@pytest.mark.parametrize("what", list(MUSIC))
def test_music_that_cannot_be(desk: Studio, what: str) -> None:
    refused(lambda: desk.music.compose(LOCAL, **MUSIC[what]))


SPOKEN = {
    "right to left": ("שלום עולם, מה שלומך?", "he"),
    "right to left marks": ("\u202ehello\u202c \u2067there\u2069", "Emma"),
    "control characters within": ("he\x00llo\x07 the\x1bre", "Emma"),
    "emoji within": ("Party 🎉 tonight 👩‍👩‍👧!", "Emma"),
    "Hindi": ("नमस्ते दुनिया।", "hi"),
    "French": ("L'été, où êtes-vous ?", "fr"),
    "Mandarin": ("你好，世界。", "cmn"),
    "one letter": ("a", "Emma"),
    "a number": ("1,234,567.89", "Emma"),
    "quotes and shell": ('"It\'s" `$HOME` <b>&amp;</b> \\', "Emma"),
    "a word without an end": ("a" * 3000, "Emma"),
    "markup of the engine": ("<voice name='x'/> \\[\\[h@loU]] <mark/>", "Emma"),
    "lines of every system": ("one\r\ntwo\rthree\u2028four", "Emma"),
    "zalgo": ("h\u0334\u0335\u0336e\u0337\u0338llo", "Emma"),
}


@pytest.mark.parametrize("what", SPOKEN)
def test_odd_texts_are_spoken(desk: Studio, what: str) -> None:
    text, voice = SPOKEN[what]
    job = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text=text, voice=voice).id, 60)
    assert job.status == "done", job.error
    piece = desk.jobs.assets(LOCAL, job.id)[0]
    assert piece.duration_s is not None
    assert piece.duration_s > 0.15
    assert piece.lufs is None or math.isfinite(piece.lufs)
    assert max(piece.peaks) > 0


PROMPTS = {
    "emoji": "🎹🌧️",
    "right to left": "موسيقى هادئة",
    "control characters": "calm\x00 piano\x1b",
    "injection": "calm'; drop table jobs; --",
    "contradiction": "calm energetic sad happy metal lullaby 300 bpm in H minor",
    "numbers": "999999 bpm, 0 seconds, key of Z",
    "blank": "   ",
}


@pytest.mark.parametrize("what", PROMPTS)
def test_odd_prompts_are_composed(desk: Studio, what: str) -> None:
    """A prompt without a word that is understood is no error: the composer chooses what was left open."""
    desk.music.read(PROMPTS[what])
    job = desk.jobs.wait(LOCAL, desk.music.compose(LOCAL, prompt=PROMPTS[what], seconds=3, seed=1).id, 60)
    assert job.status == "done", job.error


def test_names_of_every_kind_come_back_as_they_were(desk: Studio) -> None:
    for name in (
        'it\'s "quoted"',
        "../../etc/passwd",
        "नमस्ते दुनिया",
        "<script>alert(1)</script>",
        "n" * 200,
        "%s %d {}",
    ):
        job = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text="Named.", name=name).id, 30)
        assert job.status == "done", job.error
        piece: Asset = desk.jobs.assets(LOCAL, job.id)[0]
        assert piece.name == name
        assert desk.library.search(LOCAL, words=name)[1] >= 1
        assert desk.library.file(LOCAL, piece.id).is_relative_to(desk.settings.blobs)
    refused(lambda: desk.voice.speak(LOCAL, text="Named.", name="n" * 201))


@pytest.mark.parametrize("what", ["name", "words", "job"])
def test_half_a_character(desk: Studio, what: str) -> None:
    """A browser or a REST client may send '\\ud800'; SQLite and PostgreSQL take no such text."""
    half = "\ud800"
    job = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text="Half.").id, 30)
    acts: dict[str, Callable[[], object]] = {
        "name": lambda: desk.library.edit(LOCAL, desk.jobs.assets(LOCAL, job.id)[0].id, name=half),
        "words": lambda: desk.library.search(LOCAL, words=half),
        "job": lambda: desk.jobs.show(LOCAL, half),
    }
    try:
        acts[what]()
    except UserError as error:
        remedied(error)


def test_control_characters_do_not_stay_in_names(desk: Studio) -> None:
    job = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text="Named.", name="a\x00b\x1b").id, 30)
    piece = desk.jobs.assets(LOCAL, job.id)[0]
    edited = desk.library.edit(LOCAL, piece.id, name="c\x00d", tags=["e\x00f"], folder="g\x00h")
    assert "\x00" not in "".join([piece.name, edited.name, *edited.tags, edited.folder])


def test_noise_never_becomes_a_traceback(desk: Studio) -> None:
    """Random unicode as text, voice, key and prompt: a job or a UserError, nothing else."""
    lots = random.Random(5)
    alphabet = "aé漢🎉\u0000\u202e[]/\\#-*'\"<>%{}\n 0" + "".join(chr(lots.randrange(0x20, 0x2FFF)) for _ in range(60))
    word = lambda: "".join(lots.choices(alphabet, k=lots.randrange(1, 40)))  # noqa: E731
    acts: list[Callable[[], object]] = []
    for _ in range(150):
        acts += [
            lambda: desk.voice.request(LOCAL, text=word()),
            lambda: desk.voice.request(LOCAL, text="hi", voice=word()),
            lambda: desk.voice.request(LOCAL, text="hi", pronunciations={word(): word()}),
            lambda: desk.music.read(word()),
            lambda: desk.library.search(LOCAL, words=word(), tag=word(), folder=word()),
        ]
    from core.kit.errors import StudioError

    for act in acts:
        try:
            act()
        except StudioError as error:
            remedied(error)


def test_nothing_of_all_this_was_left_lying_around(desk: Studio) -> None:
    assert clean(desk) == []
    assert errors_logged(desk) == ""
