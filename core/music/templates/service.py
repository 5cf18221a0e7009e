"""Templates as everyone sees them: make, find, change with every version kept, go back, share, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.access.sharing import Sharing
from core.kit.actor import Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.kit.words import one_line
from core.music.service import Music
from core.music.templates.comparing import differences
from core.music.templates.content import FIELDS, NAME_LENGTH, content
from core.music.templates.looking import Looking
from core.music.templates.shipped import shipped
from core.music.templates.types import EditConflict, Template, said
from core.music.types import MusicRequest
from core.store import assets, template_uses, templates
from core.store.store import Store
from core.store.templates import CONTENT, PRIVATE, PUBLIC, Content, TemplateRow, VersionRow

MOST = 500
SUBJECT = "templates"
_VISIBILITIES = ("private", "team", "public")


class Templates(Looking):
    """Looking (get, find, best) and changing. The acting classes beside it: using.py, talking.py, files.py."""

    def __init__(self, store: Store, music: Music, *, demo: bool = False) -> None:
        super().__init__(store)
        self._music = music
        self._sharing = Sharing(store)
        self._demo = demo

    def create(
        self, actor: Actor, *, name: str, fields: Mapping[str, Any], message: str = "Created", **about: Any
    ) -> Template:
        """`about`: description, use_cases, provider. UserError for a name that is taken or a value that cannot work."""
        return self.add(actor, content(self._music, name=name, fields=fields, **about), message)

    def add(self, actor: Actor, new: Content, message: str, *, other_name: bool = False) -> Template:
        """`other_name`: where the name is taken, a number is put behind it."""
        with self._store.db.exclusive(SUBJECT) as connection:
            template_id = add(connection, actor, new, message, other_name=other_name)
        return self.get(actor, template_id)

    def of_asset(self, actor: Actor, asset_id: str, name: str = "", **about: Any) -> Template:
        """What a piece was asked for, with its seed."""
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
        config = asset.generation_config
        settings = config.get("settings")
        if asset.source != "ai_music" or not isinstance(settings, dict):
            raise UserError(f"{asset.name!r} is no music that was made here.", "Choose a piece from the Music page.")
        plain = {each: field.default for each, field in MusicRequest.model_fields.items() if each != "seconds"}
        fields = {
            each: settings[each]
            for each in FIELDS
            if each in settings and settings[each] not in (None, [], plain.get(each))
        }
        fields |= {each: config[each] for each in ("prompt", "seed") if config.get(each) not in (None, "")}
        about.setdefault("provider", str(config.get("provider", "")))
        new = content(self._music, name=name or asset.name[:NAME_LENGTH], fields=fields, **about)
        return self.add(actor, new, f"From the piece {one_line(asset.name, 80)}", other_name=True)

    def duplicate(self, actor: Actor, template_id: str, name: str = "") -> Template:
        old = self.get(actor, template_id)
        kept = {each: getattr(old, each) for each in CONTENT}
        new = Content(**kept | {"name": _named(name) if name else f"{old.name[: NAME_LENGTH - 5]} copy"})
        return self.add(actor, new, f"Copied from {old.name}, version {old.version}", other_name=not name)

    def edit(
        self, actor: Actor, template_id: str, based_on: int, changes: Mapping[str, Any], message: str = ""
    ) -> Template:
        """`changes`: of name, description, use_cases, provider, fields (which take the place of all there were). The next
        version is written, unless nothing is different. EditConflict where somebody saved after `based_on`."""

        def changed(old: Content) -> Content:
            return content(self._music, **old.__dict__ | dict(changes))

        unknown = [each for each in changes if each not in CONTENT]
        if unknown:
            raise UserError(f"A template has no {unknown[0][:40]!r} to edit.", f"Choose from: {', '.join(CONTENT)}.")
        return self._next(actor, template_id, based_on, changed, message)

    def restore(self, actor: Actor, template_id: str, version: int, based_on: int) -> Template:
        """The content of an older version as the next one: nothing in between is lost."""
        self._ours(template_id)
        with self._store.db.read() as connection:
            templates.get(connection, actor, template_id)
            old = templates.version(connection, template_id, version).content
        return self._next(actor, template_id, based_on, lambda _: old, f"Went back to version {version}")

    def _next(
        self, actor: Actor, template_id: str, based_on: int, changed: Callable[[Content], Content], message: str
    ) -> Template:
        self._ours(template_id)
        with self._store.db.read() as connection:
            templates.to_edit(connection, actor, template_id)
            before = templates.version(connection, template_id, based_on).content
        new = changed(before)
        with self._store.db.exclusive(SUBJECT) as connection:
            row = templates.to_edit(connection, actor, template_id)
            if row.version != based_on and new != row.content:
                raise self._conflict(connection, actor, row, based_on, new, before)
            if new != row.content:
                save(connection, actor, row, new, message)
        return self.get(actor, template_id)

    def _conflict(
        self, connection: Any, actor: Actor, row: TemplateRow, based_on: int, new: Content, before: Content
    ) -> EditConflict:
        by = self.who(connection, actor, row.updated_by)
        found = differences(new, row.content, before)
        listed = "; ".join(f"{one.field}: yours {said(one.yours)}, theirs {said(one.theirs)}" for one in found)
        return EditConflict(
            f"{by} saved version {row.version} of {row.name!r} on {row.updated_at:%d %b %Y, %H:%M} UTC, after the version "
            f"{based_on} that this edit began from.",
            f"Nothing was overwritten. Different are {listed}. Choose, and save again based on version {row.version}.",
            version=row.version, by=by, differences=found,
        )  # fmt: skip

    def history(self, actor: Actor, template_id: str) -> list[tuple[VersionRow, str, list[str]]]:
        """Newest first: the version, who wrote it, and the fields in which it differs from the one before."""
        if template_id in shipped():
            return []
        with self._store.db.read() as connection:
            templates.get(connection, actor, template_id)
            rows = templates.history(connection, template_id)
            names = {row.user_id: self.who(connection, actor, row.user_id) for row in rows}
        older: Sequence[VersionRow | None] = [*rows[1:], None]
        return [
            (row, names[row.user_id],
             [] if old is None else [one.field for one in differences(row.content, old.content)])
            for row, old in zip(rows, older, strict=True)
        ]  # fmt: skip

    def version(self, actor: Actor, template_id: str, number: int) -> VersionRow:
        if template_id in shipped():
            raise NotFound(
                "What comes with the studio has no versions here.", "Duplicate it to change it.", "no_version"
            )
        with self._store.db.read() as connection:
            templates.get(connection, actor, template_id)
            return templates.version(connection, template_id, number)

    def share(self, actor: Actor, template_id: str, visibility: str, team_ids: Sequence[str] = ()) -> Template:
        """private: with nobody; team: with these teams and no others; public: with everybody in this studio, beside the
        teams it is shared with. Its owner's alone."""
        if visibility not in _VISIBILITIES:
            raise UserError(f"There is no visibility {visibility[:40]!r}.", f"Choose: {', '.join(_VISIBILITIES)}.")
        if visibility == "team" and not team_ids:
            raise UserError(
                "It is not said which team to share it with.", "Name a team, or make one under Team.", "no_team"
            )
        if visibility == "public" and self._demo:
            raise AccessError("In the public demo nothing is made public.", "Run the studio yourself: it is free.")
        self._ours(template_id)
        with self._store.db.read() as connection:
            templates.owned(connection, actor, template_id)
        given = {team.id for team in self._sharing.teams_of(actor, templates.NOUN, template_id)}
        wanted = set(team_ids) if visibility == "team" else given if visibility == "public" else set()
        self._sharing.may_give(actor, wanted - given)  # all of them or none
        for team_id in sorted(wanted - given):
            self._sharing.share(actor, templates.NOUN, template_id, team_id)
        for team_id in sorted(given - wanted):
            self._sharing.unshare(actor, templates.NOUN, template_id, team_id)
        with self._store.db.exclusive(SUBJECT) as connection:
            templates.owned(connection, actor, template_id)
            templates.set_visibility(connection, template_id, PUBLIC if visibility == "public" else PRIVATE)
        return self.get(actor, template_id)

    def delete(self, actor: Actor, template_id: str) -> None:
        """With its versions and what was said of it; what was made with it stays."""
        self._ours(template_id)
        with self._store.db.exclusive(SUBJECT) as connection:
            templates.owned(connection, actor, template_id)
            template_uses.forget(connection, template_id)
            templates.remove(connection, template_id)

    @staticmethod
    def _ours(template_id: str) -> None:
        if template_id in shipped():
            raise AccessError(
                f"{shipped()[template_id].name!r} comes with the studio: it stays as it is.",
                "Duplicate it: the copy is yours to change.", "shipped",
            )  # fmt: skip


def add(connection: Any, actor: Actor, new: Content, message: str, *, other_name: bool = False) -> str:
    taken = templates.names_of(connection, actor.user_id)
    if len(taken) >= MOST:
        raise UserError(f"You have {MOST} templates.", "Delete one that is no longer used.")
    if new.name.casefold() in taken:
        if not other_name:
            raise UserError(f"You have a template named {new.name!r} already.", "Choose another name.", "name_taken")
        new = Content(**new.__dict__ | {"name": free(new.name, taken)})
    return templates.add(connection, actor, new, message)


def save(connection: Any, actor: Actor, row: TemplateRow, new: Content, message: str) -> None:
    taken = templates.names_of(connection, row.user_id).get(new.name.casefold(), row.id)
    if taken != row.id:
        raise UserError(f"There is a template named {new.name!r} already.", "Choose another name.", "name_taken")
    if not templates.save(connection, actor, row.id, row.version, new, one_line(message, 200)):
        raise RuntimeError("the row was held and changed nevertheless")


def free(name: str, taken: Mapping[str, str]) -> str:
    """The name with the first number behind it that makes it another."""
    number = 2
    while (other := f"{name[: NAME_LENGTH - 6]} ({number})").casefold() in taken:
        number += 1
    return other


def _named(name: str) -> str:
    title = one_line(name, NAME_LENGTH + 1)
    if not 1 <= len(title) <= NAME_LENGTH:
        raise UserError(f"A template needs a name of 1 to {NAME_LENGTH} characters.", "Give it one.", "bad_name")
    return title
