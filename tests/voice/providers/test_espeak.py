import hashlib
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core.audio.loudness import integrated_lufs, true_peak_dbtp
from core.kit.children import Children
from core.kit.errors import Cancelled, NotFound, ProviderError, SetupError, UserError
from core.providers.base import Call, MakeProvider
from core.voice.providers import espeak_process
from core.voice.providers.espeak import EspeakProvider
from core.voice.types import speech_request

Say = Callable[..., Any]
TRAIN = (
    "The morning train was late again, and nobody on the platform seemed to mind. "
    "A tall man read his newspaper while the rain moved slowly over the river and the old town."
)


def engines() -> list[psutil.Process]:
    """Speech engine processes that this test process started."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if any("espeak_engine.py" in part for part in child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def silences(samples: np.ndarray, rate: int, at_least_s: float) -> list[float]:
    """Lengths in seconds of the inner stretches below -50 dB of the peak."""
    loud = np.flatnonzero(np.abs(samples) > 0.0032 * np.abs(samples).max())
    gaps = np.diff(loud) / rate
    return [float(gap) for gap in gaps if gap >= at_least_s]


def test_a_request_gives_a_voiceover_captions_and_true_facts(say: Say) -> None:
    heard = say("# Opening\nHello, world. This is a test.\n\n# End\nGood night.", voice="Emma", seed=7)
    assert isinstance(EspeakProvider(), MakeProvider)
    assert [output.role for output in heard.made.outputs] == [
        "primary",
        "captions",
        "captions:srt",
        "captions:vtt",
        "captions:ass",
    ]
    assert sorted(path.name for path in heard.folder.iterdir()) == [
        "captions.ass", "captions.json", "captions.srt", "captions.vtt", "speech.wav",
    ]  # fmt: skip
    facts = heard.facts
    assert heard.rate == facts["sample_rate"] == 22_050
    assert facts["duration_s"] == pytest.approx(heard.seconds, abs=1e-3)
    assert facts["lufs"] == pytest.approx(integrated_lufs(heard.samples[None], heard.rate), abs=0.1)
    assert facts["lufs"] == pytest.approx(-16, abs=0.2)
    assert true_peak_dbtp(heard.samples[None], heard.rate) <= -0.95
    assert facts["words"] == len(heard.words) == 8
    assert max(facts["peaks"]) > 30
    assert (facts["voice"], facts["language"], facts["seed"]) == ("espeak:en-us+f3", "en-us", 7)
    assert [section["name"] for section in heard.made.facts["sections"]] == ["Opening", "End"]


def test_the_same_request_gives_the_same_bytes_also_from_eight_threads(tmp_path: Path, children: Children) -> None:
    texts = [f"Number {index} speaks about trains, rain and the river." for index in range(8)]
    voices = ["Emma", "Grace", "fr", "Priya", "en-us+Annie", "de", "Fiona", "es"]

    def make(index: int, run: str) -> str:
        folder = tmp_path / f"{run}{index}"
        folder.mkdir()
        request = speech_request(text=texts[index], voice=voices[index], pitch=index - 4)
        EspeakProvider().make(request, Call("c", folder, children))
        return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()

    alone = [make(index, "alone") for index in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda index: make(index, "together"), range(8)))
    assert together == alone
    assert len(set(alone)) == 8


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        (
            "Emma",
            "Hello, world — it's 1984; Dr. Smith's well-known co-op (in “Old Town”) paid $3.50 & 21 % more... OK?",
        ),
        ("Camille", "L'été, qu'est-ce que c'est ? Voilà aujourd'hui 21 élèves : c'est-à-dire « beaucoup »."),
        ("Priya", "नमस्ते, यह एक परीक्षण है। कृपया ध्यान से सुनिए, आज २०२६ का दिन है।"),
        ("Layla", "مرحبا بكم في الاستوديو. هذا اختبار."),
        ("Dmitri", "Привет, как дела? Всё хорошо."),
    ],
)
def test_every_word_has_a_time_in_order(say: Say, voice: str, text: str) -> None:
    heard = say(text, voice=voice)
    words = heard.words
    assert "".join(word["word"] for word in words).replace(" ", "") == text.replace(" ", "")
    assert len(words) >= len([chunk for chunk in text.split() if re.search(r"\w", chunk)])
    for word in words:
        assert word["end_s"] > word["start_s"]
    for before, after in pairwise(words):
        assert after["start_s"] >= before["end_s"] - 0.001
    assert words[-1]["end_s"] <= heard.seconds


def test_nine_hundred_words_keep_their_times(say: Say) -> None:
    text = (TRAIN + " ") * 29
    heard = say(text, voice="Adam")
    assert [word["word"] for word in heard.words] == text.split()
    assert len(heard.words) >= 900


def test_words_are_where_the_sound_is(say: Say) -> None:
    """A word spoken alone between long pauses is heard exactly where its caption says."""
    heard = say("Banana. [pause 700ms]Tomato. [pause 700ms]Potato.", voice="Adam")
    for word in heard.words:
        inside = np.abs(heard.between(word["start_s"], word["end_s"])).max()
        before = np.abs(heard.between(word["start_s"] - 0.03, word["start_s"] - 0.005)).max()
        after = np.abs(heard.between(word["end_s"] + 0.005, word["end_s"] + 0.03)).max()
        assert inside > 0.1
        assert max(before, after) < 0.01 * inside


def test_chinese_is_timed_by_character_and_joins_without_blanks(say: Say) -> None:
    heard = say("你好，今天天气很好。我们去公园吧。", voice="Mei")
    assert len(heard.words) >= 10
    assert "你好，今天天气很好。" in (heard.folder / "captions.srt").read_text(encoding="utf-8")


def test_captions_show_what_is_written_not_how_it_is_said(say: Say) -> None:
    plain = say("The GIF is [speed 0.9]here[/speed] 😀.", voice="Emma")
    other = say(
        "The GIF is [speed 0.9]here[/speed] 😀.", voice="Emma", pronunciations={"gif": "graphics interchange format"}
    )
    assert [word["word"] for word in other.words] == [word["word"] for word in plain.words]
    assert other.seconds > plain.seconds + 0.5
    srt = (other.folder / "captions.srt").read_text(encoding="utf-8")
    assert "GIF is here" in srt
    assert "speed" not in srt


def test_ipa_and_phonemes_say_what_the_word_says(say: Say) -> None:
    written = say("Say hello now.", voice="Adam")
    for value in ("[[h@l'oU]]", "/həlˈoʊ/"):
        respelt = say("Say xyzzy now.", voice="Adam", pronunciations={"xyzzy": value})
        assert respelt.seconds == pytest.approx(written.seconds, abs=0.03)
    assert abs(say("Say xyzzy now.", voice="Adam").seconds - written.seconds) > 0.05


@pytest.mark.parametrize("milliseconds", [0, 120, 500, 2000])
def test_pauses_are_exact(say: Say, milliseconds: int) -> None:
    text = "Banana tomato banana. Banana tomato banana."
    heard = say(text, voice="Adam", sentence_pause_ms=milliseconds)
    words = heard.words
    assert words[3]["start_s"] - words[2]["end_s"] == pytest.approx(milliseconds / 1000, abs=0.01)
    if milliseconds >= 120:
        assert silences(heard.samples, heard.rate, 0.1) == [pytest.approx(milliseconds / 1000, abs=0.01)]


def test_paragraphs_and_tags_pause_as_asked(say: Say) -> None:
    heard = say("[pause 300ms]Banana. Banana. [pause 900ms]Banana.\n\nBanana.", voice="Adam", paragraph_pause_ms=1400)
    assert silences(heard.samples, heard.rate, 0.2) == [pytest.approx(gap, abs=0.01) for gap in (0.25, 0.9, 1.4)]
    assert heard.words[0]["start_s"] == pytest.approx(0.34, abs=0.005)


def test_joins_do_not_click(say: Say) -> None:
    """At a join no two neighbouring samples lie further apart than they do inside the speech."""
    heard = say(
        "Banana tomato. " * 12 + "[speed 0.8]Banana[/speed] tomato [pitch 3]banana[/pitch].", sentence_pause_ms=0
    )
    steps = np.abs(np.diff(heard.samples))
    joins = [word["start_s"] for word in heard.words]
    at_joins = max(float(np.abs(np.diff(heard.between(join - 0.004, join + 0.002))).max()) for join in joins[2::2])
    assert at_joins < 0.5 * float(steps.max())
    assert abs(float(heard.samples[0])) < 1e-4
    assert abs(float(heard.samples[-1])) < 1e-4


def test_speech_rises_from_and_falls_to_silence(say: Say) -> None:
    """Next to every pause the sound starts and ends at zero: a cut edge would be heard as a click."""
    heard = say("Apple pie. Go on! Every cat sat. Ask us.", voice="Emma")
    silent = np.concatenate([[0], (np.abs(heard.samples) < 1e-6).astype(int), [0]])
    starts, ends = np.flatnonzero(np.diff(silent) == 1), np.flatnonzero(np.diff(silent) == -1)
    pauses = [(start, end) for start, end in zip(starts, ends, strict=True) if end - start > 0.03 * heard.rate]
    assert len(pauses) == 5
    for start, end in pauses:
        beside = [abs(float(heard.samples[place])) for place in (start - 1, end) if 0 <= place < heard.samples.size]
        assert max(beside) < 0.006


def test_a_busy_machine_does_not_lose_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan larger than a pipe, and an engine that reads it late."""
    monkeypatch.setattr(espeak_process, "_POLL_SECONDS", 0.001)
    segment = {
        "text": "A.",
        "voice": "en-us",
        "rate": 175,
        "pitch": 50,
        "range": 50,
        "phonemes": False,
        "x": "x" * 2000,
    }
    data = espeak_process.library().data
    spoke = espeak_process.speak([segment] * 100, tmp_path, data, tmp_path / "x.pcm", timeout_s=60)
    assert len(spoke) == 100


@pytest.mark.parametrize("voice", ["Adam", "Emma", "Chloé"])
def test_pitch_is_exact_in_semitones(say: Say, median_f0: Callable[..., float], voice: str) -> None:
    base = say(TRAIN, voice=voice, captions=False)
    reference = median_f0(base.samples, base.rate)
    for semitones in (-12, -7, -1, 1, 5, 12):
        moved = say(TRAIN, voice=voice, pitch=semitones, captions=False)
        cents = 1200 * np.log2(median_f0(moved.samples, moved.rate) / reference) - 100 * semitones
        assert abs(cents) <= 30, (voice, semitones, cents)
        assert moved.seconds == pytest.approx(base.seconds, rel=0.03)


def test_range_flattens_and_widens_around_the_same_pitch(say: Say, median_f0: Callable[..., float]) -> None:
    medians = []
    for intonation in (0.0, 1.0, 1.8):
        heard = say(TRAIN, voice="Emma", range=intonation, captions=False)
        medians.append(median_f0(heard.samples, heard.rate))
    assert max(medians) / min(medians) < 1.03


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("Adam", TRAIN),
        ("Camille", "Le train du matin était encore en retard, et personne sur le quai ne semblait s'en soucier."),
        ("Diego", "El tren de la mañana volvió a llegar tarde y a nadie en el andén pareció importarle."),
    ],
)
def test_speed_divides_the_duration(say: Say, voice: str, text: str) -> None:
    normal = say(text, voice=voice, sentence_pause_ms=0, captions=False).seconds
    for speed in (0.5, 0.75, 1.5, 2.0):
        heard = say(text, voice=voice, speed=speed, sentence_pause_ms=0, captions=False)
        assert normal / heard.seconds == pytest.approx(speed, rel=0.12 if voice == "Diego" else 0.06)


def test_sections_have_their_own_speed_pitch_and_voice(say: Say, median_f0: Callable[..., float]) -> None:
    heard = say(f"{TRAIN}\n\n[voice Emma][speed 0.7]{TRAIN}[/speed][/voice]", voice="Adam", paragraph_pause_ms=1000)
    half = len(heard.words) // 2
    edge = heard.words[half]["start_s"]
    first, second = heard.between(0, edge - 1), heard.between(edge, heard.seconds)
    assert second.size / first.size == pytest.approx(1 / 0.7, rel=0.15)
    assert median_f0(first, heard.rate) < 130
    assert median_f0(second, heard.rate) > 190


def test_volume_moves_the_level(say: Say) -> None:
    assert say("Hello there, world.", volume_db=-6).facts["lufs"] == pytest.approx(-22, abs=0.2)


def test_a_draft_is_short(say: Say) -> None:
    heard = say((TRAIN + " ") * 40, draft=True)
    assert 3 < heard.seconds < 14
    one_endless_sentence = say("word " * 800, draft=True)
    assert one_endless_sentence.facts["words"] == 40


def test_long_text_is_joined_in_windows_without_loss(say: Say) -> None:
    heard = say((TRAIN + " ") * 45, voice="Grace")
    assert heard.seconds > 300
    assert heard.facts["words"] == len((TRAIN + " ").split()) * 45
    assert heard.facts["lufs"] == pytest.approx(integrated_lufs(heard.samples[None], heard.rate), abs=0.1)
    assert heard.facts["lufs"] == pytest.approx(-16, abs=0.2)
    gaps = silences(heard.samples, heard.rate, 0.2)
    assert gaps == [pytest.approx(0.25, abs=0.01)] * 89
    last = heard.words[-1]
    assert np.abs(heard.between(last["start_s"], last["end_s"])).max() > 0.05
    assert heard.seconds - last["end_s"] == pytest.approx(0.04, abs=0.005)


@pytest.mark.parametrize("text", ["مرحبا hello שלום.", "a" * 700, "Ω≈ç√∫˜µ≤≥÷ x", "1234567890123456789012345", "Z̷a̷l̷g̷o̷"])
def test_odd_text_is_spoken_all_the_same(say: Say, text: str) -> None:
    assert say(text, voice="Adam").seconds > 0.2


def test_pauses_cannot_fill_the_disk(tmp_path: Path, children: Children) -> None:
    request = speech_request(text="Go [pause 60s] " * 200)
    with pytest.raises(UserError, match="hours"):
        EspeakProvider().make(request, Call("c", tmp_path, children))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"voice": "Nobody Known"},
        {"text": "[voice Xyz]a[/voice]"},
        {"text": "[speed 0.5]a"},
        {"pronunciations": {"a": ""}},
    ],
)
def test_bad_input_leaves_nothing_behind(tmp_path: Path, children: Children, values: dict[str, Any]) -> None:
    with pytest.raises((UserError, NotFound)):
        EspeakProvider().make(speech_request(**{"text": "Hello.", **values}), Call("c", tmp_path, children))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after_calls", [1, 2, 6])
def test_a_cancel_leaves_no_process_and_no_file(tmp_path: Path, children: Children, after_calls: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked >= after_calls

    request = speech_request(text=(TRAIN + " ") * 150)
    with pytest.raises(Cancelled):
        EspeakProvider().make(request, Call("c", tmp_path, children, cancelled=cancelled))
    assert engines() == []
    assert list(tmp_path.iterdir()) == []


def test_a_cancel_from_another_thread_stops_the_engine(tmp_path: Path, children: Children) -> None:
    stop = threading.Event()
    request = speech_request(text=(TRAIN + " ") * 280)
    seen: list[psutil.Process] = []

    def progress(stage: str, _: float) -> None:
        if stage == "speaking" and not stop.is_set():
            seen.extend(engines())
            stop.set()

    with pytest.raises(Cancelled):
        EspeakProvider().make(request, Call("c", tmp_path, children, cancelled=stop.is_set, progress=progress))
    assert seen
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in seen)
    assert list(tmp_path.iterdir()) == []


def test_progress_only_grows_and_ends_at_one(tmp_path: Path, children: Children) -> None:
    seen: list[float] = []
    request = speech_request(text=(TRAIN + " ") * 14)
    EspeakProvider().make(request, Call("c", tmp_path, children, progress=lambda _, fraction: seen.append(fraction)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_hanging_engine_is_stopped_at_the_deadline(tmp_path: Path) -> None:
    data = espeak_process.library().data
    segments = [{"text": TRAIN, "voice": "en-us", "rate": 80, "pitch": 50, "range": 50, "phonemes": False}] * 4000
    with pytest.raises(ProviderError) as caught:
        espeak_process.speak(segments, tmp_path, data, tmp_path / "x.pcm", timeout_s=0.05)
    assert caught.value.code == "timeout"
    assert engines() == []


def test_a_voice_the_engine_refuses_is_one_clear_error(tmp_path: Path) -> None:
    segment = {"text": "a", "voice": "no-such", "rate": 175, "pitch": 50, "range": 50, "phonemes": False}
    with pytest.raises(ProviderError, match="refused the voice"):
        espeak_process.speak([segment], tmp_path, espeak_process.library().data, tmp_path / "x.pcm")


def test_the_doctor_sees_the_engine_or_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = EspeakProvider().ready()
    assert found.version.startswith("1.52")
    assert len(found.voices) == 141
    assert "f3" in found.variants
    import espeakng_loader

    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    espeak_process.library.cache_clear()
    try:
        with pytest.raises(SetupError, match="incomplete") as caught:
            espeak_process.library()
        assert "pip install" in caught.value.hint
    finally:
        espeak_process.library.cache_clear()


def test_a_deep_folder_is_no_matter(tmp_path: Path, children: Children) -> None:
    """The engine cuts data paths after 160 characters."""
    folder = tmp_path / ("d" * 120) / ("e" * 120)
    folder.mkdir(parents=True)
    made = EspeakProvider().make(speech_request(text="Hello.", pitch=2), Call("c", folder, children))
    assert made.outputs[0].path.stat().st_size > 1000
