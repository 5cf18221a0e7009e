import pytest

from core.kit.errors import UserError
from core.voice.pronunciation import dictionary, mnemonics


def said(text: str, **entries: str) -> str:
    return dictionary(entries).speak(text).text


def test_whole_words_only() -> None:
    assert said("GIF and gifts, gif's.", gif="jif") == "jif and gifts, jif's."
    assert said("l'été ou étés", été="hiver") == "l'hiver ou étés"


def test_a_capital_in_the_key_makes_it_exact() -> None:
    assert said("The US told us.", US="you ess") == "The you ess told us."
    assert said("Us and us and US.", us="we", US="America") == "we and we and America."


def test_several_words_and_the_longest_first() -> None:
    entries = {"New York": "noo york", "New": "old"}
    assert dictionary(entries).speak("New York, New  York, New Yorkers").text == "noo york, noo york, old Yorkers"


def test_indic_words_are_not_torn_at_their_vowel_signs() -> None:
    assert dictionary({"है": "था"}).speak("यह है। हैं").text == "यह था। हैं"


def test_scripts_without_blanks_match_inside() -> None:
    assert dictionary({"天气": "气天"}).speak("今天天气很好").text == "今天气天很好"


def test_every_spoken_character_knows_its_source() -> None:
    spoken = dictionary({"GIF": "graphics format"}).speak("A GIF here")
    assert len(spoken.places) == len(spoken.text)
    assert spoken.places[spoken.text.index("graphics")] == 2
    assert spoken.places[spoken.text.index("format")] == 2
    assert spoken.places[spoken.text.index("here")] == 6


def test_phonemes_and_ipa() -> None:
    spoken = dictionary({"gif": "[[dZ'If]]", "hello": "/həˈloʊ/"}).speak("gif [x] hello")
    assert spoken.text == "[[dZ'If]] (x) [[h@l'oU]]".replace("h@l'oU", mnemonics("həˈloʊ"))
    assert spoken.phonemes
    assert not dictionary({"gif": "jif"}).speak("gif [[x]]").phonemes


def test_pictures_are_silent_but_keep_their_place() -> None:
    spoken = dictionary({}).speak("Hi 😀 20° ©")
    assert "😀" not in spoken.text
    assert "20° ©" in spoken.text
    assert len(spoken.text) == len("Hi 😀 20° ©")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "x"),
        ("...", "x"),
        ("a" * 101, "x"),
        ("w", ""),
        ("w", "!!"),
        ("w", "[[x"),
        ("w", "[[é]]"),
        ("w", "/ǃ/"),
        ("w", "a\x07b"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(key: str, value: str) -> None:
    with pytest.raises(UserError) as caught:
        dictionary({key: value})
    assert caught.value.hint
