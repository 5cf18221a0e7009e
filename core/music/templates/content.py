"""What may stand in a template: checked once, here, whichever door it comes by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.kit.errors import UserError
from core.kit.paths import reference
from core.kit.words import one_line
from core.music.service import Music
from core.music.types import MusicRequest
from core.store.templates import Content

OF_ONE_PIECE = frozenset({"name", "draft", "preset", "melody", "fresh", "material"})
"""Of a request: what belongs to one piece and not to a way of making many."""
FIELDS = tuple(name for name in MusicRequest.model_fields if name not in OF_ONE_PIECE)
OTHER_NAMES = {"duration": "seconds"}
"""Names of the documents for ours."""
NAME_LENGTH, DESCRIPTION_LENGTH, MOST_USE_CASES = 80, 1000, 8


def use_cases() -> dict[str, str]:
    """Id to title, in the order they are shown."""
    found: dict[str, str] = reference("music/use_cases")
    return found


def content(
    music: Music,
    *,
    name: Any,
    fields: Mapping[str, Any],
    description: Any = "",
    use_cases: Iterable[Any] = (),
    provider: Any = "",
) -> Content:
    """UserError that names the first value that cannot work and says what is allowed."""
    title = one_line(_text("name", name), NAME_LENGTH + 1)
    if not 1 <= len(title) <= NAME_LENGTH:
        raise UserError(f"A template needs a name of 1 to {NAME_LENGTH} characters.", "Give it one.", "bad_name")
    about = _text("description", description).strip()
    if len(about) > DESCRIPTION_LENGTH:
        raise UserError(f"The description has {len(about):,} characters.", f"At most {DESCRIPTION_LENGTH:,} are kept.")
    engine = one_line(_text("provider", provider), 60)
    return Content(title, _plain(about), tags(use_cases), engine, checked(music, fields, engine))


def checked(music: Music, given: Mapping[str, Any], provider: str = "") -> dict[str, Any]:
    """The fields as they are kept: only those that say something, each in its own form."""
    values = renamed(given, "A template")
    asked = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    if not asked:
        raise UserError("A template has to say something.", f"Give at least one of: {', '.join(FIELDS)}.", "empty")
    if provider:
        music.engines.get(provider)  # UserError for one that there is not; it need not be ready
    request = music.checked(**asked).model_dump(mode="json")
    return {name: request[name] for name in FIELDS if name in asked}


def renamed(given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Under our names, the unknown ones told all at once."""
    values: dict[str, Any] = {}
    unknown = []
    for name, value in given.items():
        ours = OTHER_NAMES.get(str(name), str(name))
        if ours not in FIELDS:
            unknown.append(repr(str(name)[:40]))
        elif ours in values:
            raise UserError(f"{name} and {ours} are the same field.", "Give one of them.")
        else:
            values[ours] = _form(ours, value)
    if unknown:
        told = ", ".join(unknown[:10]) + (f" and {len(unknown) - 10} more" if len(unknown) > 10 else "")
        raise UserError(f"{what} has no field {told}.", f"It may have: {', '.join(FIELDS)}.", "unknown_field")
    return values


def tags(given: Iterable[Any]) -> list[str]:
    """Use cases by id or title, in the order they are shown."""
    if isinstance(given, str):
        given = [given]
    known = use_cases()
    by_word = {title.casefold(): name for name, title in known.items()} | {name: name for name in known}
    found = set()
    for each in given:
        word = one_line(_text("use_cases", each), 60).casefold()
        name = by_word.get(word) or by_word.get(word.replace(" ", "_").replace("-", "_"))
        if name is None:
            raise UserError(
                f"There is no use case {word[:40]!r}.", f"Choose from: {', '.join(known)}.", "unknown_use_case"
            )
        found.add(name)
    if len(found) > MOST_USE_CASES:
        raise UserError(f"A template has at most {MOST_USE_CASES} use cases.", "Leave some out.")
    return [name for name in known if name in found]


def _form(field: str, value: Any) -> Any:
    """Words, numbers, yes or no, and lists of words: nothing else is a setting, whatever a file says."""
    plain = value is None or isinstance(value, str | int | float)
    listed = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value) and len(value) <= 50
    if not plain and not listed:
        raise UserError(f"{field} cannot be {type(value).__name__}.", "Give a word, a number or a list of words.")
    if isinstance(value, int) and abs(value) > 2**63:  # too long to be shown as a number, let alone used
        raise UserError(f"{field} is far too large a number.", "Give one that fits the field.")
    if field == "instruments" and isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    if field in ("prompt", "key", "mood", "genre", "intensity", "ending", "negative_prompt") and value is not None:
        _text(field, value)
    return value


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UserError(f"{field} has to be a text, not {str(value)[:40]!r}.", "Put it in quotes.")
    return value


def _plain(text: str) -> str:
    """Lines stay; control characters and halves of characters no page can show go."""
    return "".join(c for c in text if c == "\n" or c.isprintable())
