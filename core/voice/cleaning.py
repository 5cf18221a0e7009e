"""What is left of a pasted text when everything that cannot be heard is gone."""

from __future__ import annotations

import re
import unicodedata

from core.kit.errors import UserError

MAX_CHARACTERS = 50_000
_JOINERS = "\u200c\u200d"


def clean(text: str, most: int = MAX_CHARACTERS) -> str:
    """NFC, without control, zero-width and direction characters; newlines unified, runs of blanks shortened.

    Raises UserError where nothing can be spoken or the text is longer than `most`. Joiners stay inside words: Indic and
    Persian spelling needs them.
    """
    if len(text) > max(20 * MAX_CHARACTERS, 2 * most):  # not worth normalising: say so at once
        raise too_long(len(text), most)
    text = audible(text)
    if len(text) > most:
        raise too_long(len(text), most)
    if not text:
        raise UserError("There is no text to speak.", "Type or paste at least one word.", "empty_text")
    if not speakable(text):
        raise UserError(
            "The text has no letters or digits: there is nothing to pronounce.", "Add at least one word.", "empty_text"
        )
    return text


def audible(text: str) -> str:
    """What clean() leaves of a text, unchecked; "" where nothing is left."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    kept = []
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character in _JOINERS:
            if 0 < index < len(text) - 1 and all(
                unicodedata.category(text[i])[0] in "LM" for i in (index - 1, index + 1)
            ):
                kept.append(character)
        elif character == "\n":
            kept.append(character)
        elif category == "Zs" or character == "\t":
            kept.append(" ")
        elif category[0] != "C":
            kept.append(character)
    text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", "".join(kept)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def too_long(count: int, most: int = MAX_CHARACTERS) -> UserError:
    return UserError(
        f"The text has {count:,} characters; at most {most:,} can be spoken at once.",
        "Make a book of it (Long form), or split it." if most == MAX_CHARACTERS else "Make two books of it.",
        "text_too_long",
    )


def speakable(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)
