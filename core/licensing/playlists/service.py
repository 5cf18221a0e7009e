"""Playlists as everyone sees them: make, fill, put in order, share, play through, take out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.access.sharing import Sharing
from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.kit.words import one_line
from core.licensing.playlists import exporting, smart
from core.licensing.playlists.facts import Facts
from core.licensing.playlists.favourites import Favourites, noted
from core.licensing.playlists.rules import rules_of
from core.licensing.playlists.types import (
    MOST_ENTRIES,
    MOST_PLAYLISTS,
    NAME_LENGTH,
    Added,
    Changes,
    Entry,
    Opened,
    Playlist,
    Ref,
    Visibility,
)
from core.licensing.types import Track
from core.store import playlists, users
from core.store.playlists import PUBLIC, PlaylistRow
from core.store.store import Store

SUBJECT = "playlists"
SCOPES = ("all", "mine", "team", "public")


class Playlists:
    def __init__(self, store: Store, direct: DirectCalls, *, demo: bool = False) -> None:
        self._store = store
        self._facts = Facts(store, direct)
        self._sharing = Sharing(store)
        self._demo = demo
        self.favourites = Favourites(store, self._facts)

    def listed(self, actor: Actor, scope: str = "all", search: str = "") -> list[Playlist]:
        """Newest change first."""
        if scope not in SCOPES:
            raise UserError(f"There is no scope {scope[:40]!r}.", f"Choose one of: {', '.join(SCOPES)}.")
        words = search.casefold().split()
        with self._store.db.read() as connection:
            rows = playlists.listing(connection, actor, "" if scope == "all" else scope)
            rows = [row for row in rows if all(word in f"{row.name} {row.description}".casefold() for word in words)]
            return self._seen(connection, actor, rows)

    def get(self, actor: Actor, playlist_id: str) -> Playlist:
        with self._store.db.read() as connection:
            return self._seen(connection, actor, [playlists.get(connection, actor, playlist_id)])[0]

    def open(self, actor: Actor, playlist_id: str, *, limit: int | None = 200, offset: int = 0) -> Opened:
        """With a stretch of its entries; without a limit all of them."""
        with self._store.db.read() as connection:
            shown = self._seen(connection, actor, [playlists.get(connection, actor, playlist_id)])[0]
            if shown.rules is not None:
                found = smart.find(connection, actor, rules_of(shown.rules))
                part = found[offset:] if limit is None else found[offset : offset + limit]
                now = self._facts.now(connection, actor, part)
                return Opened(shown, [Entry("", track, play, gone) for track, play, gone in now], len(found))
            rows = playlists.page(connection, playlist_id, limit=limit, offset=offset)
            names = users.names(connection)
            now = self._facts.now(connection, actor, [Track.of(row.track) for row in rows])
            entries = [
                Entry(row.id, track, play, gone, row.notes, _name(actor, names, row.added_by), row.added_at)
                for row, (track, play, gone) in zip(rows, now, strict=True)
            ]
            return Opened(shown, entries, shown.count or 0)

    def try_rules(self, actor: Actor, rules: Any, limit: int = 50) -> tuple[list[Entry], int]:
        """What rules would find now, before a playlist is made of them."""
        checked = rules_of(rules)
        with self._store.db.read() as connection:
            found = smart.find(connection, actor, checked)
            now = self._facts.now(connection, actor, found[:limit])
        return [Entry("", track, play, gone) for track, play, gone in now], len(found)

    def create(
        self, actor: Actor, *, name: str, description: str = "", rules: Any = None, tracks: Sequence[Ref] = ()
    ) -> tuple[Playlist, Added]:
        if rules is not None and tracks:
            raise _smart()
        content = {
            "name": named(name), "description": noted(description),
            "rules": None if rules is None else rules_of(rules).as_dict(),
        }  # fmt: skip
        known, unknown = self._read(actor, tracks)
        with self._store.db.exclusive(SUBJECT) as connection:
            if playlists.owned_by(connection, actor.user_id) >= MOST_PLAYLISTS:
                raise UserError(f"You have {MOST_PLAYLISTS} playlists.", "Delete one that is no longer used.")
            playlist_id = playlists.add(connection, actor, content)
            added = _append(connection, actor, playlist_id, tracks, known, unknown)
        return self.get(actor, playlist_id), added

    def add(self, actor: Actor, playlist_id: str, tracks: Sequence[Ref]) -> Added:
        """Many at once, behind the last; what is in it already stays where it is."""
        return self.change(actor, playlist_id, Changes(add=list(tracks)))[1]

    def change(self, actor: Actor, playlist_id: str, changes: Changes) -> tuple[Playlist, Added]:
        """All of it or nothing. Its owner may, and editors of a team it is shared with."""
        with self._store.db.read() as connection:
            playlists.to_edit(connection, actor, playlist_id)  # before any catalogue is asked for them
        refs = [*(changes.tracks or ()), *changes.add]
        known, unknown = self._read(actor, refs)
        with self._store.db.exclusive(SUBJECT) as connection:
            row = playlists.to_edit(connection, actor, playlist_id)
            if changes.of_entries and (row.rules is not None or changes.rules is not None):
                raise _smart()
            if changes.rules is not None and row.rules is None:
                raise UserError(
                    "This playlist is a list of tracks: rules would take their place.", "Make a smart playlist beside it.",
                    "not_smart",
                )  # fmt: skip
            about: dict[str, Any] = {}
            if changes.name is not None:
                about["name"] = named(changes.name)
            if changes.description is not None:
                about["description"] = noted(changes.description)
            if changes.rules is not None:
                about["rules"] = rules_of(changes.rules).as_dict()
            playlists.change(connection, playlist_id, **about)
            if changes.tracks is not None:
                _leave(connection, playlist_id, changes.tracks)
            playlists.take_out(connection, playlist_id, changes.remove)
            added = _append(connection, actor, playlist_id, refs, known, unknown)
            _arrange(connection, playlist_id, changes)
        return self.get(actor, playlist_id), added

    def share(self, actor: Actor, playlist_id: str, visibility: str, team_ids: Sequence[str] = ()) -> Playlist:
        """private: with nobody; team: with these teams and no others, whose editors may edit it; public: with everybody in
        this studio, beside the teams it is shared with. Its owner's alone."""
        if visibility not in ("private", "team", "public"):
            raise UserError(f"There is no visibility {visibility[:40]!r}.", "Choose: private, team, public.")
        if visibility == "team" and not team_ids:
            raise UserError(
                "It is not said which team to share it with.", "Name a team, or make one under Team.", "no_team"
            )
        if visibility == "public" and self._demo:
            raise AccessError("In the public demo nothing is made public.", "Run the studio yourself: it is free.")
        with self._store.db.read() as connection:
            playlists.owned(connection, actor, playlist_id)
        given = {team.id for team in self._sharing.teams_of(actor, playlists.NOUN, playlist_id)}
        wanted = set(team_ids) if visibility == "team" else given if visibility == "public" else set()
        self._sharing.may_give(actor, wanted - given)  # all of them or none
        for team_id in sorted(wanted - given):
            self._sharing.share(actor, playlists.NOUN, playlist_id, team_id)
        for team_id in sorted(given - wanted):
            self._sharing.unshare(actor, playlists.NOUN, playlist_id, team_id)
        with self._store.db.exclusive(SUBJECT) as connection:
            playlists.owned(connection, actor, playlist_id)
            playlists.change(
                connection, playlist_id, visibility=PUBLIC if visibility == "public" else playlists.PRIVATE
            )
        return self.get(actor, playlist_id)

    def delete(self, actor: Actor, playlist_id: str) -> None:
        """With its order and notes; the tracks are the catalogues' and the library's."""
        with self._store.db.exclusive(SUBJECT) as connection:
            playlists.owned(connection, actor, playlist_id)
            playlists.remove(connection, playlist_id)

    def export(self, actor: Actor, playlist_id: str, form: str, base_url: str = "") -> exporting.File:
        """json, csv or m3u8; `base_url`: where this studio is reached, put before the addresses of its own files."""
        return exporting.file(self.open(actor, playlist_id, limit=None), form, base_url)

    def _read(self, actor: Actor, refs: Sequence[Ref]) -> tuple[dict[tuple[str, str], Track], list[Ref]]:
        wanted = list({ref.key: ref for ref in refs}.values())
        if len(wanted) > MOST_ENTRIES:
            raise _full(len(wanted), 0)
        return self._facts.read(actor, wanted)

    @staticmethod
    def _seen(connection: Any, actor: Actor, rows: Sequence[PlaylistRow]) -> list[Playlist]:
        shared, editable = playlists.shared_ids(connection), playlists.editable_among(connection, actor)
        names = users.names(connection)
        sizes: dict[str, int] = playlists.sizes(connection, [row.id for row in rows])

        def seen(row: PlaylistRow) -> Playlist:
            kind: Visibility = "public" if row.visibility == PUBLIC else "team" if row.id in shared else "private"
            return Playlist(
                row.id, row.name, row.description, row.rules, kind, _name(actor, names, row.user_id),
                row.user_id == actor.user_id, row.id in editable, None if row.rules is not None else sizes.get(row.id, 0),
                row.created_at, row.updated_at,
            )  # fmt: skip

        return [seen(row) for row in rows]


def named(name: str) -> str:
    title = one_line(name, NAME_LENGTH + 1)
    if not 1 <= len(title) <= NAME_LENGTH:
        raise UserError(f"A playlist needs a name of 1 to {NAME_LENGTH} characters.", "Give it one.", "bad_name")
    return title


def _append(
    connection: Any, actor: Actor, playlist_id: str, refs: Sequence[Ref], known: dict[tuple[str, str], Track],
    unknown: Sequence[Ref],
) -> Added:  # fmt: skip
    if not refs:
        return Added()
    there = playlists.refs(connection, playlist_id)
    new: dict[tuple[str, str], Ref] = {}
    for ref in refs:
        if ref.key in known and ref.key not in there:
            new.setdefault(ref.key, ref)
    if len(there) + len(new) > MOST_ENTRIES:
        raise _full(len(new), len(there))
    rows = [(known[key].as_dict(), noted(ref.notes or "")) for key, ref in new.items()]
    playlists.append(connection, actor, playlist_id, rows)
    return Added(len(new), len(refs) - len(new) - len(unknown), [f"{ref.provider}:{ref.id}" for ref in unknown])


def _leave(connection: Any, playlist_id: str, refs: Sequence[Ref]) -> None:
    """No others than these in it."""
    there = playlists.refs(connection, playlist_id)
    wanted = {ref.key for ref in refs}
    playlists.take_out(connection, playlist_id, [entry for key, entry in there.items() if key not in wanted])


def _arrange(connection: Any, playlist_id: str, changes: Changes) -> None:
    if changes.tracks is not None:
        there = playlists.refs(connection, playlist_id)
        keys = dict.fromkeys(ref.key for ref in [*changes.tracks, *changes.add])
        playlists.order(connection, [there[key] for key in keys if key in there])
        for ref in changes.tracks:
            if ref.notes is not None and ref.key in there:
                playlists.note(connection, playlist_id, there[ref.key], noted(ref.notes))
    for entry_id, text in changes.notes.items():
        if not playlists.note(connection, playlist_id, entry_id, noted(text)):
            raise _no_entry(entry_id)
    for entry_id, after in changes.move:
        if not playlists.move(connection, playlist_id, entry_id, after):
            raise _no_entry(entry_id)


def _name(actor: Actor, names: Any, user_id: str) -> str:
    return "You" if user_id == actor.user_id else names.get(user_id, user_id)


def _no_entry(entry_id: str) -> NotFound:
    return NotFound(
        f"{entry_id[:60]!r}, or what it should stand behind, is not in this playlist.", "Open it anew: somebody else may "
        "have changed it.", "no_entry",
    )  # fmt: skip


def _smart() -> UserError:
    return UserError(
        "A smart playlist is filled by its rules: tracks cannot be put into it.", "Change its rules, or make another one.",
        "smart_playlist",
    )  # fmt: skip


def _full(wanted: int, there: int) -> UserError:
    room = MOST_ENTRIES - there
    return UserError(
        f"A playlist holds {MOST_ENTRIES:,} tracks; this one has {there:,}, and {wanted:,} more were to be added.",
        f"There is room for {room:,}. Put the rest into another playlist." if room else "Make another playlist.",
        "playlist_full",
    )  # fmt: skip
