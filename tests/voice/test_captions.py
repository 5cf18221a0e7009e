import json
import re
from itertools import pairwise

import pytest

from core.voice import captions
from core.voice.types import WordTime

TIME = r"(\d\d):(\d\d):(\d\d)[,.](\d\d\d)"


def timed(text: str, seconds_per_character: float = 0.06, gap_s: float = 0.0) -> list[WordTime]:
    """Words as a steady speaker would say them."""
    found, at = [], 0.0
    for match in re.finditer(r"\S+", text):
        word = match.group()
        end = at + len(word) * seconds_per_character
        breaks = "sentence" if word[-1] in ".!?" else "clause" if word[-1] in ",;" else ""
        found.append(WordTime(word, at, end, match.start(), breaks))
        at = end + gap_s
    return found


def seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, whole, thousandths = (int(part) for part in parts)
    return hours * 3600 + minutes * 60 + whole + thousandths / 1000


def read(document: str) -> list[tuple[float, float, str]]:
    """SRT or VTT back to (start, end, text)."""
    found = []
    for block in re.split(r"\n\n+", document.strip()):
        match = re.search(rf"^{TIME} --> {TIME}\n(.*)", block, re.DOTALL | re.MULTILINE)
        if match:
            groups = match.groups()
            found.append((seconds(groups[:4]), seconds(groups[4:8]), groups[8]))
    return found


LONG = (
    "The morning train was late again, and nobody on the platform seemed to mind, because the rain had stopped and "
    "a tall man, who read his newspaper aloud, made everybody laugh. Nobody left! Short. "
) * 8


def test_captions_fit_the_screen_and_never_overlap() -> None:
    words = timed(LONG)
    found = captions.captions(words, words[-1].end_s)
    assert [word for caption in found for word in caption.words] == words
    for caption in found:
        lines = caption.text.split("\n")
        assert len(lines) <= captions.LINES
        assert all(len(one) <= captions.LINE_CHARACTERS for one in lines)
        assert caption.end_s > caption.start_s
        assert caption.end_s - caption.start_s <= captions.LONGEST_SECONDS + 1
    for before, after in pairwise(found):
        assert before.end_s <= after.start_s
    assert found[-1].end_s <= words[-1].end_s


def test_a_caption_ends_with_its_sentence_and_breaks_at_punctuation() -> None:
    found = captions.captions(timed(LONG))
    assert any("Nobody left!" in caption.text for caption in found)
    ends = sum(caption.text[-1] in ",.!" for caption in found)
    assert ends >= 0.8 * len(found)


def test_a_pause_gives_the_reader_time() -> None:
    words = [
        *timed("Quick words here.", 0.01),
        WordTime("Next.", 5.0, 5.5, 18, "paragraph"),
    ]
    first, _ = captions.captions(words)
    assert first.end_s - first.start_s >= captions.SHORTEST_SECONDS


def test_srt_and_vtt_read_back() -> None:
    found = captions.captions(timed(LONG))
    for document in (captions.srt(found), captions.vtt(found)):
        back = read(document)
        assert len(back) == len(found)
        for (start, end, text), caption in zip(back, found, strict=True):
            assert (start, end) == (pytest.approx(caption.start_s, abs=6e-4), pytest.approx(caption.end_s, abs=6e-4))
            assert text == caption.text
    assert captions.vtt(found).startswith("WEBVTT\n\n")
    assert captions.srt(found).startswith("1\n00:00:00,000 --> ")


def test_vtt_escapes_and_no_arrow_survives() -> None:
    found = captions.captions(timed("Tom & <b>Jerry</b> --> run."))
    assert "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt; → run." in captions.vtt(found)
    assert "Tom & <b>Jerry</b> → run." in captions.srt(found)


def test_hours_are_written() -> None:
    found = captions.captions([WordTime("Late.", 3725.5, 3726.0, 0, "paragraph")])
    assert "01:02:05,500 --> 01:02:06,500" in captions.srt(found)


def test_chinese_has_no_blanks_and_counts_double() -> None:
    text = "今天天气很好我们去公园散步然后回家吃饭看书睡觉明天再来"
    words = [WordTime(character, index * 0.2, index * 0.2 + 0.2, index) for index, character in enumerate(text)]
    found = captions.captions(words)
    assert "".join(caption.text.replace("\n", "") for caption in found) == text
    assert all(len(one) <= 21 for caption in found for one in caption.text.split("\n"))


def test_json_has_every_word() -> None:
    words = timed("Hello there, world.")
    document = json.loads(captions.as_json(captions.captions(words), words, "en", 1.5))
    assert [word["word"] for word in document["words"]] == ["Hello", "there,", "world."]
    assert document["captions"][0]["text"] == "Hello there, world."
    assert (document["language"], document["duration_s"]) == ("en", 1.5)


def test_a_word_longer_than_a_line_is_shown_whole() -> None:
    found = captions.captions([WordTime("x" * 60, 0, 3, 0, "paragraph")])
    assert [caption.text for caption in found] == ["x" * 60]


def test_what_would_flash_by_goes_onto_the_screen_with_its_neighbour() -> None:
    words = timed("No! Yes! The train was late again, and nobody seemed to mind. Go!", 0.06)
    found = captions.captions(words, words[-1].end_s)
    assert [word for caption in found for word in caption.words] == words
    assert all(caption.end_s - caption.start_s >= captions.SHORTEST_SECONDS for caption in found)
    assert "No! Yes!" in found[0].text.replace("\n", " ")


def test_a_pause_is_never_bridged_to_fill_a_caption() -> None:
    words = [WordTime("No!", 0.0, 0.3, 0, "sentence"), WordTime("Yes!", 2.0, 2.3, 4, "sentence")]
    assert [caption.text for caption in captions.captions(words)] == ["No!", "Yes!"]


def test_captions_too_fast_to_read_are_counted() -> None:
    for pace, fast in ((0.08, 0), (0.03, 1)):
        words = timed("This is said by somebody in a very great hurry", pace)
        document = json.loads(captions.as_json(captions.captions(words, words[-1].end_s), words, "en", words[-1].end_s))
        assert document["too_fast"] == fast
