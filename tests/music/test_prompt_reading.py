"""Prompts in English and French, and what is not a prompt at all."""

from __future__ import annotations

import pytest

from core.music.prompt import read_prompt
from core.music.types import Reading


@pytest.mark.parametrize(
    ("text", "mood", "genre"),
    [
        ("calm ambient piano for a rainy evening", "calm", "ambient"),
        ("upbeat electronic music with drums and synthesizers", "happy", "electronic"),
        ("energetic rock music with electric guitars and drums", "energetic", "rock"),
        ("lofi hip hop beats to study", "calm", "lo-fi"),
        ("Lo-Fi chill", "calm", "lo-fi"),
        ("musique ÉPIQUE orchestrale", "epic", "orchestral"),
        ("une valse romantique", "romantic", "orchestral"),
        ("chanson triste, folk", "sad", "folk"),
        ("du jazz entraînant", "happy", "jazz"),
        ("techno sombre", "dark", "electronic"),
        ("workout", "energetic", "electronic"),
        ("wedding", "romantic", "orchestral"),
        ("horror", "dark", "cinematic"),
        ("vlog joyeux", "happy", "pop"),
        ("podcast intro", None, "corporate"),
        ("suspense", "tense", "cinematic"),
        ("deep house", None, "house"),
        ("drones and soundscapes", None, "ambient"),
        ("melancholic", "sad", None),
        ("musiques joyeuses", "happy", None),
        ("brightly cheering pop", "happy", "pop"),
    ],
)
def test_mood_and_genre(text: str, mood: str | None, genre: str | None) -> None:
    reading = read_prompt(text)
    assert (reading.mood, reading.genre) == (mood, genre)


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("at 90 bpm", 90),
        ("128BPM house", 128),
        ("tempo 72", 72),
        ("bpm: 97.5", 97.5),
        ("à 100 battements par minute", 100),
        ("andante", 92),
        ("allegro", 130),
        ("slow jazz", 90),
        ("jazz lent", 90),
        ("fast jazz", 190),
        ("musique rapide", 144),
        ("happy pop", None),
    ],
)
def test_tempo(text: str, bpm: float | None) -> None:
    assert read_prompt(text).bpm == bpm


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("in D minor", "D minor"),
        ("sad piano in F# minor at 80 bpm", "F# minor"),
        ("en ré mineur", "D minor"),
        ("fa dièse majeur", "F# major"),
        ("si bémol majeur", "Bb major"),
        ("la mineur", "A minor"),
        ("rock in A", "A major"),
        ("in Bb", "Bb major"),
        ("key of g", "G major"),
        ("B♭ minor pop", "Bb minor"),
        ("C♯m techno", "C# minor"),
        ("Dm techno", "D minor"),
        ("e flat major", "Eb major"),
        ("E-flat minor", "Eb minor"),
        ("brooding, in a minor key", "A minor"),
        ("a major success", None),
        ("in a dark room", None),
        ("do it in the evening", None),
        ("la musique", None),
        ("I am in a good mood", None),
    ],
)
def test_key(text: str, key: str | None) -> None:
    assert read_prompt(text).key == key


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 seconds", 30),
        ("a 45-second intro", 45),
        ("30s", 30),
        ("2 min", 120),
        ("1:30", 90),
        ("1 minute 30", 90),
        ("2 minutes and 15 seconds", 135),
        ("une minute et demie", 90),
        ("a minute and a half", 90),
        ("two and a half minutes", 150),
        ("half a minute", 30),
        ("trente secondes", 30),
        ("quarante-cinq secondes", 45),
        ("forty five seconds", 45),
        ("2,5 minutes", 150),
        ("rainy evening", None),
        ("80s synthwave", None),
        ("a 60s intro", 60),
        ("trap with 808s", None),
    ],
)
def test_length(text: str, seconds: float | None) -> None:
    assert read_prompt(text).seconds == seconds


@pytest.mark.parametrize(
    ("text", "instruments", "excluded"),
    [
        ("piano and strings", {"grand_piano", "string_section"}, set()),
        ("rock with guitars", {"distorted_guitar"}, set()),
        ("folk guitar", {"steel_guitar"}, set()),
        ("guitare électrique, jazz", {"clean_guitar"}, set()),
        ("piano et violoncelle", {"grand_piano", "solo_cello"}, set()),
        ("no drums", set(), {"drums"}),
        ("sans batterie", set(), {"drums"}),
        ("sans batterie ni basse", set(), {"drums", "bass"}),
        ("no drums or bass, with flute", {"flute"}, {"drums", "bass"}),
        ("without any loud drums", set(), {"drums"}),
        ("pas de piano", set(), {"grand_piano"}),
        ("jazz without saxophone", set(), {"trumpet_muted"}),
        ("solo piano", {"grand_piano"}, {"others"}),
        ("piano only", {"grand_piano"}, {"others"}),
        ("guitare seule", {"nylon_guitar"}, {"others"}),
        ("instrumental, no vocals", set(), {"vocals"}),
    ],
)
def test_instruments_and_exclusions(text: str, instruments: set[str], excluded: set[str]) -> None:
    reading = read_prompt(text)
    assert set(reading.instruments) == instruments
    assert set(reading.excluded) == excluded


def test_negated_moods_do_not_count() -> None:
    assert read_prompt("not sad").mood is None
    assert read_prompt("not too fast folk").genre == "folk"
    assert read_prompt("pas trop triste, plutôt joyeux").mood == "happy"


def test_intensity() -> None:
    assert read_prompt("powerful rock").intensity == "high"
    assert read_prompt("discreet background music").intensity == "low"
    assert read_prompt("pop").intensity is None


def test_unknown_words_are_named_and_stopwords_are_not() -> None:
    reading = read_prompt("I would like a blorptastic music for my vlog, avec du zorglub")
    assert reading.not_understood == ("blorptastic", "zorglub")


def test_what_cannot_be_made_is_named() -> None:
    assert read_prompt("tempo 1000 bpm").not_understood == ("1000 bpm",)
    assert read_prompt("10 hours of sleep music").not_understood == ("10 hours",)
    assert read_prompt("pop with vocals").not_understood == ("vocals",)


EMPTY = Reading(None, None, None, None, None, (), (), None, ())


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01\x1b\n\t", "!!! ... ---", "the of and"])
def test_nothing_reads_as_nothing(text: str) -> None:
    assert read_prompt(text) == EMPTY


def test_other_scripts_and_pictures_are_named() -> None:
    assert read_prompt("موسيقى هادئة").not_understood == ("موسيقى", "هادئة")
    assert read_prompt("🎉🔥").not_understood == ("🎉", "🔥")
    assert read_prompt("calm 🎉 ambient").genre == "ambient"


@pytest.mark.parametrize(
    "unit", ["a", "drums ", "no ", "half a ", "sixty-", "1 ", "in a ", "do ", "#b", "\u0301", "🎵", "1:"]
)
def test_a_megabyte_is_read_without_harm(unit: str) -> None:
    reading = read_prompt((unit * (1_000_000 // len(unit)))[:1_000_000])
    assert len(reading.not_understood) <= 40
