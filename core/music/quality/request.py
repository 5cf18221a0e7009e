"""Against what was asked: tempo, key, length, and no talking in an instrumental."""

from __future__ import annotations

from core.audio import speech
from core.kit.errors import UserError
from core.music.composer.keys import Key, parse_key
from core.music.quality.hearing import Heard
from core.music.quality.rules import graded, part, rule, unmeasured
from core.music.quality.types import Asked, Part

_MULTIPLES = ((2.0, "double"), (0.5, "half"))


def tempo(heard: Heard, asked: Asked) -> Part:
    row = rule("tempo")
    if asked.bpm is None:
        return unmeasured("tempo", "No tempo was asked for.")
    expected = f"{asked.bpm:g} BPM"
    near = row["multiple_within"]
    for times, word in _MULTIPLES:
        if heard.bpm is None and heard.free_bpm and abs(heard.free_bpm / (asked.bpm * times) - 1) < near:
            note = f"It counts as {heard.free_bpm:.1f} BPM, {word} of what was asked: the beat fits, the feel may not."
            return part("tempo", round(heard.free_bpm, 1), expected, row["multiple_score"], note)
    found = heard.bpm or heard.free_bpm
    if found is None:
        return unmeasured("tempo", "There is no steady beat to count.", expected)
    off = abs(found / asked.bpm - 1)
    score = graded(100 * off, row["good_percent"], row["bad_percent"])
    sure = heard.found.bpm_confidence if heard.bpm is not None else heard.free_confidence
    if score < 1 and sure < row["plain_confidence"]:
        return unmeasured("tempo", "The beat is too faint to tell the asked tempo from another.", expected)
    said = "as asked" if score == 1 else f"{100 * off:.1f} % {'faster' if found > asked.bpm else 'slower'} than asked"
    return part("tempo", round(found, 1), expected, score, f"The beat is {said}.")


def key(heard: Heard, asked: Asked) -> Part:
    row = rule("key")
    if not asked.key:
        return unmeasured("key", "No key was asked for.")
    wanted = _key(asked.key)
    if wanted is None:
        return unmeasured("key", "What was asked for is not a key this meter knows.", asked.key)
    found = _key(heard.found.key or "")
    if found is None or heard.found.key_confidence < row["least_confidence"]:
        return unmeasured("key", "No key stands out clearly enough to be told.", wanted.label)
    relation = related(found, wanted)
    notes = {
        "same": "It is in the key that was asked for.",
        "relative": "It is in the relative key: the same notes around another centre.",
        "fifth": "It is a fifth away: one note differs.",
        "parallel": "The centre is right, but major and minor are swapped.",
        "other": "It is in another key.",
    }
    told = wanted if relation == "same" else found  # A# major is Bb major, and is told by the name it was asked by
    return part("key", told.label, wanted.label, float(row["scores"][relation]), notes[relation])


def related(found: Key, wanted: Key) -> str:
    """same, relative, fifth, parallel or other."""
    if found.mode == wanted.mode:
        away = (found.tonic - wanted.tonic) % 12
        return "same" if away == 0 else "fifth" if away in (5, 7) else "other"
    if found.tonic == wanted.tonic:
        return "parallel"
    major, minor = (found, wanted) if found.mode == "major" else (wanted, found)
    return "relative" if (major.tonic - minor.tonic) % 12 == 3 else "other"


def length(heard: Heard, asked: Asked) -> Part:
    row = rule("length")
    if asked.seconds is None:
        return unmeasured("length", "No length was asked for.")
    off = abs(heard.seconds - asked.seconds)
    free = max(row["good_seconds"], row["good_share"] * asked.seconds)
    bad = max(row["bad_seconds"], row["bad_share"] * asked.seconds)
    if asked.loopable:  # a loop ends on a bar, wherever that is
        bar = 240.0 / (asked.bpm or row["slowest_bpm"])
        free, bad = free + bar, bad + bar
    score = graded(off, free, bad)
    longer = "longer" if heard.seconds > asked.seconds else "shorter"
    note = "The length is as asked." if score == 1 else f"It is {off:.1f} s {longer} than asked."
    about = "whole bars near " if asked.loopable else ""
    return part("length", round(heard.seconds, 2), f"{about}{asked.seconds:g} s", score, note)


def talking(heard: Heard, asked: Asked) -> Part:
    row = rule("talking")
    if not asked.instrumental:
        return unmeasured("talking", "It was not asked to be instrumental.")
    if heard.seconds < row["least_seconds"]:
        return unmeasured("talking", "It is too short to tell talking from playing.", "none")
    share = speech.share_of(heard.spectrum)
    score = graded(share, row["good_share"], row["bad_share"])
    note = "Nobody seems to talk in it." if score == 1 else f"{100 * share:.0f} % of it sounds like someone talking."
    return part("talking", round(100 * share), f"under {100 * row['good_share']:.0f} %", score, note)


def _key(text: str) -> Key | None:
    try:
        return parse_key(text) if text else None
    except UserError:
        return None
