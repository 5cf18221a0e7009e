"""The domain of retakes: passages of a script, the wishes around them, takes laid into a sound, words that move along."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.passage import to_speak
from core.voice.retakes import sheet
from core.voice.retakes.merging import Replaced, merged, script, sections
from core.voice.retakes.splicing import Splice, SpliceRequest, moved, splice
from core.voice.retakes.wishes import Wishes, variations
from core.voice.text import parse
from core.voice.types import WordTime, speech_request

RATE = 8000
SCRIPT = """# Opening

NARRATOR: The harbour wakes. Gulls argue.

ANNA: Only me. [emotion happy]I brought bread. And news.[/emotion] Shall we eat?"""


def words_of(text: str, speakers: dict[str, str], seconds: float = 0.5) -> list[WordTime]:
    """Every word of the script half a second long, a quarter of a second of silence behind each."""
    found, at = [], 0.0
    for segment in parse(text, speakers=speakers):
        place = 0
        for word in segment.text.split():
            start = segment.text.index(word, place)
            place = start + len(word)
            found.append(WordTime(word, at, at + seconds, segment.offsets[start]))
            at += seconds + 0.25
    return found


def config(text: str = SCRIPT) -> dict[str, object]:
    return {"text": text, "language": "en", "settings": {"speakers": {"NARRATOR": "", "ANNA": "Emma"}}}


def passages(text: str = SCRIPT) -> list[sheet.Passage]:
    words = words_of(text, {"NARRATOR": "", "ANNA": "Emma"})
    return sheet.sentences(config(text), words, words[-1].end_s + 0.25)


def test_sentences_know_their_place_in_script_and_sound() -> None:
    found = passages()
    assert [each.text for each in found] == [
        "The harbour wakes.", "Gulls argue.", "Only me.", "I brought bread.", "And news.", "Shall we eat?",
    ]  # fmt: skip
    assert [each.voice for each in found] == ["", "", "Emma", "Emma", "Emma", "Emma"]
    assert [each.section for each in found] == ["Opening"] * 6
    assert [each.paragraph for each in found] == [0, 0, 1, 1, 1, 1]
    for each in found:
        assert SCRIPT[each.first : each.past] == each.text
    assert (found[0].start_s, found[0].end_s, found[0].before_s, found[0].after_s) == (0.0, 2.0, 0.0, 2.25)
    assert found[1].before_s == found[0].end_s
    assert found[5].after_s == pytest.approx(found[5].end_s + 0.25)


def test_a_passage_takes_the_tags_with_it_that_it_needs() -> None:
    text = "Go [speed 0.8]now[/speed]. [pitch -2]Stay here.[/pitch] He [range 2]really said so.[/range] Yes."
    found = [text[each.first : each.past] for each in passages(text)]
    assert found[0] == "Go [speed 0.8]now[/speed]."
    assert "He [range 2]really said so.[/range]" in found
    # Tags that hold several sentences stay around them: each can be wrapped by itself.
    whole = "[emotion sad]One. Two.[/emotion] Three."
    assert [whole[each.first : each.past] for each in passages(whole)] == ["One.", "Two.", "Three."]


def test_only_whole_sentences_are_a_passage() -> None:
    found = passages()
    one = sheet.passage(found, found[2].first, found[4].past)
    assert (one.start_s, one.end_s) == (found[2].start_s, found[4].end_s)
    for first, past in ((found[2].first + 1, found[2].past), (found[2].first, found[2].past - 2), (5, 5), (9000, 9100)):
        with pytest.raises(UserError) as error:
            sheet.passage(found, first, past)
        assert error.value.code == "no_passage"


def test_captions_that_tell_no_places_are_refused_with_the_remedy() -> None:
    with pytest.raises(UserError, match="no captions that say where") as error:
        sheet.sentences(config(), [WordTime("The", 0, 1)], 1.0)
    assert "with captions" in error.value.hint


def test_a_request_speaks_only_its_passage_in_its_place() -> None:
    found = passages()
    request = speech_request(
        text=SCRIPT, speakers={"NARRATOR": "", "ANNA": "Emma"}, passage=(found[3].first, found[4].past)
    )
    said = to_speak(request, "en")
    assert [each.text for each in said] == ["I brought bread.", "And news."]
    assert {each.style.voice for each in said} == {"Emma"}
    assert {each.style.emotion for each in said} == {"happy"}
    assert said[-1].pause_after_ms == 0
    with pytest.raises(UserError, match="no words"):
        to_speak(speech_request(text=SCRIPT, passage=(0, 3)), "en")


def test_wishes_are_markup_that_the_script_keeps() -> None:
    wishes = Wishes(voice="Emma", emotion="sad", speed=0.9, pitch=-2, range=1.5)
    [segment] = parse(wishes.markup("Stay here."))
    style = segment.style
    assert (style.voice, style.emotion, style.speed, style.pitch, style.range) == ("Emma", "sad", 0.9, -2, 1.5)
    assert Wishes().markup("Stay here.") == "Stay here."
    assert Wishes(words="  Go\t away. ").markup("Stay.") == "Go away."
    assert wishes.label() == "voice Emma, sad, speed ×0.9, pitch -2, liveliness ×1.5"
    with pytest.raises(UserError, match="empty"):
        Wishes(words=" \n ").markup("Stay.")


def test_variations_differ_and_stay_within_bounds() -> None:
    said = {Wishes().with_variation(n, obeys_range=True)[0].markup("Go.") for n in range(len(variations()))}
    assert len(said) == len(variations()) >= 3
    fast, _ = Wishes(speed=2.0, pitch=-12, range=2.0).with_variation(2, obeys_range=True)
    assert (fast.speed, fast.range) == (2.0, 2.0)
    plain, _ = Wishes().with_variation(0, obeys_range=False)
    assert plain.range == 1.0


def tone(hz: float, seconds: float, level: float) -> NDArray[np.float32]:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE), np.float32)


def test_a_take_replaces_its_passage_and_nothing_else(tmp_path: Path) -> None:
    base = np.concatenate(
        [
            silence(0.2),
            tone(200, 1, 0.3),
            silence(0.4),
            tone(300, 1, 0.3),
            silence(0.4),
            tone(400, 1, 0.3),
            silence(0.2),
        ]
    )
    take = np.concatenate([silence(0.1), tone(900, 1.5, 0.1), silence(0.3)])
    soundfile.write(tmp_path / "base.wav", base, RATE, "PCM_24")
    soundfile.write(tmp_path / "take.wav", take, RATE, "PCM_24")
    one = Splice(1.6, 2.6, 1.2, 3.0, tmp_path / "take.wav")
    done = splice(SpliceRequest(tmp_path / "base.wav", (one,), tmp_path / "out.wav"), lambda stage, fraction: None)
    out, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    was, _ = soundfile.read(tmp_path / "base.wav", dtype="float32")
    assert rate == RATE
    [laid] = done.laid
    assert laid.at_s == pytest.approx(1.6, abs=0.04)
    assert laid.length_s == pytest.approx(1.5, abs=0.01)
    assert laid.take_from_s == pytest.approx(0.1, abs=0.01)
    assert done.duration_s == pytest.approx(4.2 + 0.5, abs=0.02)
    # What was not replaced is there sample for sample.
    keep = round(1.5 * RATE)
    assert np.array_equal(out[:keep], was[:keep])
    tail = round(1.5 * RATE)
    assert np.array_equal(out[-tail:], was[-tail:])
    # At the loudness of what it replaced, which was three times as loud as the take came.
    inside = out[round(1.9 * RATE) : round(2.8 * RATE)]
    assert np.sqrt(np.mean(inside**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.15)
    spectrum = np.abs(np.fft.rfft(inside * np.hanning(inside.size)))
    assert np.argmax(spectrum) * RATE / inside.size == pytest.approx(900, abs=5)
    assert moved(0.5, done.laid) == 0.5
    assert moved(2.0, done.laid) == laid.at_s
    assert moved(3.5, done.laid) == pytest.approx(3.5 + 0.5, abs=0.02)


def test_neighbours_may_both_be_replaced_and_a_silent_take_is_refused(tmp_path: Path) -> None:
    base = np.concatenate([silence(0.1), tone(200, 1, 0.3), silence(0.2), tone(300, 1, 0.3), silence(0.1)])
    soundfile.write(tmp_path / "base.wav", base, RATE, "PCM_24")
    soundfile.write(tmp_path / "take.wav", np.concatenate([silence(0.1), tone(900, 0.5, 0.3)]), RATE, "PCM_24")
    splices = (
        Splice(0.1, 1.1, 0.0, 1.3, tmp_path / "take.wav"), Splice(1.3, 2.3, 1.1, 2.4, tmp_path / "take.wav"),
    )  # fmt: skip
    done = splice(SpliceRequest(tmp_path / "base.wav", splices, tmp_path / "out.wav"), lambda stage, fraction: None)
    first, second = done.laid
    assert first.cut_out_s <= second.cut_in_s
    assert second.at_s >= first.at_s + first.length_s
    assert done.duration_s == pytest.approx(0.1 + 0.5 + 0.2 + 0.5 + 0.1, abs=0.05)
    soundfile.write(tmp_path / "none.wav", silence(1.0), RATE, "PCM_24")
    with pytest.raises(UserError, match="silent"):
        splice(
            SpliceRequest(
                tmp_path / "base.wav", (Splice(0.1, 1.1, 0.0, 1.3, tmp_path / "none.wav"),), tmp_path / "o.wav"
            ),
            lambda stage, fraction: None,
        )


def test_words_and_script_move_together(tmp_path: Path) -> None:
    text = "One two. Three four. Five six."
    words = words_of(text, {})
    found = sheet.sentences({"text": text, "language": "en", "settings": {}}, words, 4.5)
    middle = found[1]
    base = np.concatenate([np.concatenate([tone(200, 0.5, 0.3), silence(0.25)]) for _ in words])
    said = "Three and a half."
    soundfile.write(tmp_path / "base.wav", base, RATE, "PCM_24")
    soundfile.write(tmp_path / "take.wav", np.concatenate([silence(0.1), tone(900, 2.0, 0.3)]), RATE, "PCM_24")
    one = Splice(middle.start_s, middle.end_s, middle.before_s, middle.after_s, tmp_path / "take.wav")
    done = splice(SpliceRequest(tmp_path / "base.wav", (one,), tmp_path / "out.wav"), lambda stage, fraction: None)
    spoken = [
        WordTime(word, 0.1 + 0.5 * n, 0.5 + 0.5 * n, middle.first + said.index(word))
        for n, word in enumerate(said.split())
    ]
    replaced = [Replaced(middle.first, middle.past, said, tuple(spoken))]
    new = script(text, replaced)
    assert new == "One two. Three and a half. Five six."
    told = merged(words, replaced, done.laid)
    assert [word.word for word in told] == new.split()
    assert all(new[word.source : word.source + len(word.word)] == word.word for word in told)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(told))
    grown = done.duration_s - base.size / RATE
    assert told[-1].start_s == pytest.approx(words[-1].start_s + grown, abs=0.02)
    marks = [{"name": "a", "start_s": 0.0}, {"name": "b", "start_s": words[4].start_s}]
    assert [each["start_s"] for each in sections(marks, done.laid)] == [0.0, pytest.approx(told[-2].start_s, abs=0.002)]
