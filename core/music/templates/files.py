"""Templates as a YAML file: taken out here, brought in there, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.music.service import Music
from core.music.templates import reading
from core.music.templates.content import content
from core.music.templates.looking import Looking
from core.music.templates.service import SUBJECT, add, save
from core.store import templates
from core.store.store import Store
from core.store.templates import Content

FORMAT = "creator-workbench/templates/1"
OnConflict = Literal["copy", "replace", "skip"]
CONFLICTS: tuple[OnConflict, ...] = ("copy", "replace", "skip")
MOST = 200
_OF_THE_FILE = ("format", "templates")
_OF_ONE = ("name", "description", "use_cases", "provider", "music")


@dataclass(frozen=True)
class BroughtIn:
    name: str
    id: str
    did: Literal["created", "copied", "replaced", "skipped"]


class Files:
    def __init__(self, store: Store, looking: Looking, music: Music) -> None:
        self._store = store
        self._templates = looking
        self._music = music

    def take_out(self, actor: Actor, template_ids: Sequence[str] = ()) -> str:
        """These, or all of one's own. The text reads in again as it is."""
        found = [self._templates.get(actor, one) for one in template_ids] or self._templates.find(actor, scope="mine")
        if not found:
            raise UserError("You have no template to take out.", "Name one, or make one first.", "no_template")
        rows = [
            {name: value for name, value in (
                ("name", one.name), ("description", one.description), ("use_cases", one.use_cases),
                ("provider", one.provider), ("music", one.fields),
            ) if value}
            for one in found
        ]  # fmt: skip
        document = {"format": FORMAT, "templates": rows}
        told: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
        return told

    def bring_in(self, actor: Actor, text: str, on_conflict: str = "copy") -> list[BroughtIn]:
        """`on_conflict`, where one of one's own has the name: copy (under another name), replace (its next version) or
        skip. UserError, and nothing is written, where any of them cannot work."""
        if on_conflict not in CONFLICTS:
            raise UserError(f"on_conflict cannot be {on_conflict[:40]!r}.", f"Choose one of: {', '.join(CONFLICTS)}.")
        wanted = self._read(text)
        with self._store.db.exclusive(SUBJECT) as connection:
            return [self._one(connection, actor, each, on_conflict) for each in wanted]

    def _one(self, connection: Any, actor: Actor, new: Content, on_conflict: str) -> BroughtIn:
        here = templates.names_of(connection, actor.user_id).get(new.name.casefold())
        if here is None:
            return BroughtIn(new.name, add(connection, actor, new, "Brought in from a file"), "created")
        if on_conflict == "skip":
            return BroughtIn(new.name, here, "skipped")
        if on_conflict == "replace":
            row = templates.owned(connection, actor, here)
            if row.content != new:
                save(connection, actor, row, new, "Replaced from a file")
            return BroughtIn(new.name, here, "replaced")
        copied = add(connection, actor, new, "Brought in from a file", other_name=True)
        return BroughtIn(templates.get(connection, actor, copied).name, copied, "copied")

    def _read(self, text: str) -> list[Content]:
        document = reading.read(text)
        if isinstance(document, dict) and "templates" in document:
            _known(document, _OF_THE_FILE, "The file")
            if document.get("format", FORMAT) != FORMAT:
                raise _bad(f"The file is of the format {str(document['format'])[:60]!r}.", f"{FORMAT!r} is read here.")
            rows = document["templates"]
        else:
            rows = document if isinstance(document, list) else [document]  # one alone, or a bare list
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
            raise _bad("The file holds no list of templates, or too many.", f"Give 1 to {MOST} under `templates`.")
        return [self._content(number, row) for number, row in enumerate(rows, 1)]

    def _content(self, number: int, row: Any) -> Content:
        name = row.get("name") if isinstance(row, dict) else None
        where = f"Template {number}" + (f" ({name[:40]!r})" if isinstance(name, str) else "")
        if not isinstance(row, dict):
            raise _bad(f"{where} is no mapping of fields.", f"It has: {', '.join(_OF_ONE)}.")
        _known(row, _OF_ONE, where)
        music = row.get("music")
        if not isinstance(music, dict):
            raise _bad(f"{where} says nothing under `music`.", "Put mood, genre, bpm and the like there.")
        cases = row.get("use_cases") or []
        if not isinstance(cases, str | list):
            raise _bad(f"{where}: use_cases has to be a list.", "Write for example: use_cases: [intro, ad].")
        try:
            return content(
                self._music, name=name if name is not None else "", fields=music, use_cases=cases,
                description=row.get("description") or "", provider=row.get("provider") or "",
            )  # fmt: skip
        except StudioError as error:
            error.message = f"{where}: {error.message}"
            raise


class _Plain(yaml.SafeDumper):
    """Without anchors, which are not read in again."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _known(row: dict[Any, Any], known: Sequence[str], where: str) -> None:
    unknown = [repr(str(name)[:40]) for name in row if name not in known]
    if unknown:
        raise _bad(
            f"{where} has no field {', '.join(unknown[:10])}.", f"It may have: {', '.join(known)}.", "unknown_field"
        )


def _bad(message: str, hint: str, code: str = "bad_file") -> UserError:
    return UserError(message, hint, code)
