"""Who speaks in a dialogue: lines that begin with a name and a colon, and voices that could suit the names.

    ANNA: Is anybody there?
    Ben Carter: Only me.

A name is one to four words without punctuation, followed by a colon and a blank. Only names that the request gives a
voice count, in any case, so that "Note: buy milk" stays text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from core.kit.errors import UserError
from core.kit.paths import reference
from core.voice.types import Voice

LONGEST_NAME = 40
WORDS = 4
_WORD = r"[^\s:：\[\]{}()<>\\/|#*\"“”„«»,;.!?…]+\.?"
_NAME = re.compile(rf"(?P<name>{_WORD}(?: {_WORD}){{0,{WORDS - 1}}}) ?(?P<colon>: ?(?=\s|$)|: |：) *")
_ASIDES = (
    "note notes nb ps tip tips hint warning caution important example examples todo source sources summary chapter part act "
    "scene title subject date time place location remark attention achtung hinweis exemple remarque nota ejemplo"
)
_NOBODY = frozenset(_ASIDES.split(" "))
"""What begins many lines and is nobody's name."""


def match(line: str) -> re.Match[str] | None:
    """The name and colon a line begins with, whoever that may be."""
    found = _NAME.match(line)
    return found if found is not None and len(found["name"]) <= LONGEST_NAME else None


def folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


class Cast:
    """Names with their voices, as parse() asks for them."""

    def __init__(self, speakers: Mapping[str, str]) -> None:
        self._voices = {folded(name): voice for name, voice in speakers.items()}

    def speaks(self, line: str) -> tuple[str, int] | None:
        """The voice of whom the line belongs to ("": the script's own), and where the words begin."""
        found = match(line) if self._voices else None
        if found is None or folded(found["name"]) not in self._voices:
            return None
        return self._voices[folded(found["name"])], found.end()


def checked(speakers: Mapping[str, str]) -> dict[str, str]:
    """As the request keeps them. UserError for a name that no line could begin with."""
    kept: dict[str, str] = {}
    for name, voice in speakers.items():
        plain = " ".join(unicodedata.normalize("NFC", name).split())
        found = match(f"{plain}: ")
        if found is None or found["name"] != plain:
            raise UserError(
                f"{name[:60]!r} cannot be the name of a speaker.",
                f"Use up to {WORDS} words without punctuation, {LONGEST_NAME} characters at most.", "speaker",
            )  # fmt: skip
        if len(voice) > 200:
            raise UserError(f"The voice of {plain!r} is no voice: {voice[:40]!r}…", "Give the id or name of a voice.")
        kept[plain] = " ".join(voice.split())
    return kept


def fitting(name: str) -> str:
    """A name from a file made into one that a line can begin with; "" where nothing of it is left."""
    words = re.findall(_WORD, unicodedata.normalize("NFC", name))[:WORDS]
    while words and len(" ".join(words)) > LONGEST_NAME:
        words.pop()
    return " ".join(words) if any(character.isalpha() for character in "".join(words)) else ""


def lines_of(text: str, known: Collection[str] = ()) -> Counter[str]:
    """How many lines begin with each name, as first written. What is hardly a name is left out unless it is `known`."""
    certain = {folded(name) for name in known}
    spelled: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for line in text.split("\n"):
        found = match(line.strip())
        if found is None:
            continue
        name = found["name"]
        # A pasted list, a time or a link is no name: a name begins with a letter, a capital where there are capitals.
        odd = not name[0].isalpha() or name[0] != name[0].upper() or folded(name).rstrip(".") in _NOBODY
        if odd and folded(name) not in certain:
            continue
        counted[spelled.setdefault(folded(name), name)] += 1
    return counted


def detect_speakers(text: str, known: Collection[str] = ()) -> list[str]:
    """Names that probably are speakers', in order of appearance: those in capitals, those that begin two lines or more,
    and those that are `known`."""
    certain = {folded(name) for name in known}
    found = lines_of(text, known).items()
    return [name for name, count in found if count > 1 or _in_capitals(name) or folded(name) in certain]


def _in_capitals(name: str) -> bool:
    return name == name.upper() != name.lower() and sum(character.isalpha() for character in name) > 1


def suggest(names: Sequence[str], voices: Sequence[Voice], taken: Collection[str] = ()) -> dict[str, str]:
    """A voice id each, of the voices given: another one for every name while there are enough, by the gender of the
    first name where it is known, otherwise in turns. `taken`: ids that others speak with, left to them if possible."""
    known: dict[str, list[str]] = reference("voices/first_names")
    free = [voice for voice in voices if voice.id not in taken and voice.style != "whisper"] or list(voices)
    if not free:
        return dict.fromkeys(names, "")
    left = list(free)
    found: dict[str, str] = {}
    turn = "female"
    for name in names:
        first = folded(name).split(" ")[0]
        gender = next((one for one in ("female", "male") if first in known[one]), "")
        wanted = gender or turn
        turn = "male" if wanted == "female" else "female"
        left = left or list(free)
        voice = next((one for one in left if one.gender == wanted), None)
        if voice is None:  # rather the right gender twice than a wrong one
            again = [one for one in free if one.gender == wanted] if gender else []
            voice = again[len(found) % len(again)] if again else left[0]
        if voice in left:
            left.remove(voice)
        found[name] = voice.id
    return found
