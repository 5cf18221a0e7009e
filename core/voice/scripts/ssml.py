"""SSML (W3C 1.1, and what Amazon and Microsoft add to it) to our markup. What has no counterpart is said in a note.

The parser loads nothing, and a document that declares entities is refused: a few of them can unfold to gigabytes.
"""

from __future__ import annotations

import math
import re
from typing import Any

from core.kit.errors import StudioError, UserError
from core.voice.markup import EMOTIONS, MAX_PAUSE_MS, RANGES
from core.voice.pronunciation import dictionary
from core.voice.scripts.script import Script, Writing, literal

_BREAKS = {"none": 0, "x-weak": 100, "weak": 250, "medium": 500, "strong": 1000, "x-strong": 1500}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.35, "x-fast": 1.75}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_RANGE_WORDS = {"x-low": 0.3, "low": 0.6, "medium": 1.0, "default": 1.0, "high": 1.4, "x-high": 1.8}
_EMPHASIS = {"strong": (("speed", 0.85), ("pitch", 1.5)), "moderate": (("speed", 0.92), ("pitch", 1.0)),
             "reduced": (("speed", 1.1), ("pitch", -0.5)), "none": ()}  # fmt: skip
_STYLES = {"whispered": "whisper", "whispering": "whisper", "cheerful": "happy", "sad": "sad", "angry": "angry",
           "excited": "excited"}  # fmt: skip
_SPELLED = ("characters", "spell-out", "verbatim", "digits")
_DROPPED = {"audio": ("sound file", "sound files"), "mark": ("mark", "marks"), "desc": ("", ""), "metadata": ("", ""),
            "meta": ("", ""), "lexicon": ("lexicon", "lexicons"), "backgroundaudio": ("sound file", "sound files")}  # fmt: skip


def read(text: str) -> Script:
    """UserError for what is no SSML, with line and column where it breaks off."""
    from lxml import etree

    if "<!ENTITY" in text:
        raise UserError("SSML that declares entities is not read.", "Write the characters themselves.", "entities")
    # lxml takes no text with an encoding declared in it.
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise UserError(
            f"The SSML is broken: {str(error.msg).partition(', line')[0]}, line {line}, column {column}.",
            "Close every tag, and write & as &amp; and < as &lt;.", "markup",
        ) from None  # fmt: skip
    if _name(root) != "speak":
        raise UserError(
            f"The file is XML, but no SSML: it begins with <{_name(root)[:40]}>, not <speak>.",
            "Load SSML, or copy the words into the editor.", "wrong_format",
        )  # fmt: skip
    reading = _Reading()
    reading.inside(root)
    return reading.script()


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


class _Reading:
    def __init__(self) -> None:
        self._to = Writing()
        self._said: list[str] = []

    def script(self) -> Script:
        text = "".join(self._said)
        for block in re.split(r"\n\s*\n", text):
            self._to.paragraph(block)
        return self._to.script()

    def _words(self, text: str | None) -> None:
        # Of XML, line breaks are blanks.
        self._said.append(literal(re.sub(r"\s+", " ", text or "")))

    def inside(self, element: Any) -> None:
        self._words(element.text)
        for child in element:
            self._element(child)
            self._words(child.tail)

    def _element(self, element: Any) -> None:
        name = _name(element)
        attributes = {str(key).rpartition("}")[2]: str(value).strip() for key, value in element.attrib.items()}
        match name:
            case "p" | "paragraph":
                self._said.append("\n\n")
                self.inside(element)
                self._said.append("\n\n")
            case "s" | "sentence":
                self._sentence(element)
            case "break":
                self._break(attributes)
            case "prosody":
                self._within(self._prosody(attributes), element)
            case "emphasis":
                moves = _EMPHASIS.get(attributes.get("level", "moderate"), ())
                self._within([(tag, f"{value:g}") for tag, value in moves], element)
            case "say-as":
                self._say_as(element, attributes)
            case "sub":
                self._words(attributes.get("alias") or "".join(element.itertext()))
            case "voice":
                self._voice(element, attributes)
            case "phoneme":
                self._phoneme(element, attributes)
            case "lang":
                self._to.notes.say("A change of language is not followed: give those words a voice of that language.")
                self.inside(element)
            case "effect" | "express-as":
                self._acted(element, attributes.get("name") or attributes.get("style") or "")
            case _ if name in _DROPPED:
                if _DROPPED[name][0]:
                    self._to.notes.left_out(*_DROPPED[name])
            case "w" | "token" | "lookup" | "speak":
                self.inside(element)
            case _:
                if name:
                    self._to.notes.say(f"<{name[:40]}> means nothing here; the words in it stay.")
                self.inside(element)

    def _within(self, tags: list[tuple[str, str]], element: Any) -> None:
        self._said += [f"[{name} {value}]" for name, value in tags]
        self.inside(element)
        self._said += [f"[/{name}]" for name, _ in reversed(tags)]

    def _sentence(self, element: Any) -> None:
        self.inside(element)
        words = (text for text in reversed(self._said) if text.strip() and not text.lstrip().startswith("["))
        last = next(words, "").rstrip()[-1:]
        self._said.append(" " if not last or last in ".!?…:;。！？।॥" else ". ")

    def _break(self, attributes: dict[str, str]) -> None:
        time = re.fullmatch(r"\+?(\d{1,9}(?:\.\d{1,9})?)(ms|s)", attributes.get("time", "").replace(" ", "").lower())
        if time is not None:
            pause = round(float(time[1]) * (1000 if time[2] == "s" else 1))
        else:
            if attributes.get("time"):
                self._to.notes.say(f"A break of {attributes['time'][:20]!r} cannot be read; it became half a second.")
            pause = _BREAKS.get(attributes.get("strength", "medium"), 500)
        if pause > MAX_PAUSE_MS:
            self._to.notes.say(f"Pauses end at {MAX_PAUSE_MS // 1000} s.")
        if pause:
            self._said.append(f" [pause {min(pause, MAX_PAUSE_MS)}ms] ")

    def _prosody(self, attributes: dict[str, str]) -> list[tuple[str, str]]:
        found = []
        for name, value in attributes.items():
            tag = {"rate": "speed", "pitch": "pitch", "range": "range"}.get(name)
            number = None
            if tag == "speed":
                number = _factor(value.lower(), _RATES)
            elif tag == "range":
                number = _factor(value.lower(), _RANGE_WORDS)
            elif tag == "pitch":
                number = _semitones(value.lower())
            if tag is None or number is None:
                self._to.notes.say(f"prosody {name}={value[:30]!r} has no counterpart and was left out.")
                continue
            low, high = RANGES[tag]
            if not low <= number <= high:
                self._to.notes.say(
                    f"prosody {name}={value[:30]!r} is beyond what voices can do; it was brought into range."
                )
            number = round(min(high, max(low, number)), 3)
            if number != (0 if tag == "pitch" else 1):
                found.append((tag, f"{number:g}"))
        return found

    def _say_as(self, element: Any, attributes: dict[str, str]) -> None:
        text = " ".join("".join(element.itertext()).split())
        if attributes.get("interpret-as", "").lower() in _SPELLED:
            text = " ".join(character for character in text if not character.isspace())
        elif attributes.get("interpret-as", "").lower() == "expletive":
            text = "beep"
        self._words(text)

    def _voice(self, element: Any, attributes: dict[str, str]) -> None:
        name = " ".join(attributes.get("name", "").split())
        if not name or set(name) & set("[]"):
            self._to.notes.say("A voice without a name is not chosen here: the script's own voice speaks those words.")
            self.inside(element)
        else:
            self._within([("voice", name)], element)

    def _phoneme(self, element: Any, attributes: dict[str, str]) -> None:
        word = " ".join("".join(element.itertext()).split())
        self._words(word)
        said = attributes.get("ph", "")
        entry = {word: f"/{said}/"}
        try:
            if attributes.get("alphabet", "ipa").lower() != "ipa" or not word or not said:
                raise UserError("only IPA")
            dictionary(entry)
        except StudioError:
            self._to.notes.say(f"The phonemes of {word[:40]!r} cannot be read here; it is spoken as written.")
            return
        if self._to.pronunciations.setdefault(word, entry[word]) != entry[word]:
            self._to.notes.say(f"{word[:40]!r} has two pronunciations; the first counts everywhere.")

    def _acted(self, element: Any, style: str) -> None:
        emotion = _STYLES.get(style.lower(), style.lower())
        if emotion in EMOTIONS:
            self._within([("emotion", emotion)], element)
        else:
            self._to.notes.say(f"The style {style[:40]!r} has no counterpart and was left out.")
            self.inside(element)


def _factor(value: str, words: dict[str, float]) -> float | None:
    """By a word, a percentage (80% is a factor, +10% and -10% a change) or a plain factor."""
    if value in words:
        return words[value]
    found = re.fullmatch(r"([+-]?)(\d{1,6}(?:\.\d{1,6})?)(%?)", value)
    if found is None:
        return None
    number = float(found[2]) / (100 if found[3] else 1)
    return 1 + number if found[1] == "+" else 1 - number if found[1] == "-" else number


def _semitones(value: str) -> float | None:
    if value in _PITCHES:
        return _PITCHES[value]
    steps = re.fullmatch(r"([+-]?\d{1,4}(?:\.\d{1,6})?)st", value)
    if steps is not None:
        return float(steps[1])
    factor = _factor(value, {}) if value.endswith("%") else None
    return 12 * math.log2(factor) if factor is not None and factor > 0 else None
