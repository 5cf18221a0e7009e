"""Favourites: one's own alone, one a track, with notes and tags."""

from __future__ import annotations

from collections.abc import Sequence

from core.kit.actor import Actor
from core.kit.errors import NotFound, UserError
from core.kit.words import one_line
from core.licensing.playlists.facts import Facts
from core.licensing.playlists.types import MOST_FAVOURITES, MOST_TAGS, NOTES_LENGTH, TAG_LENGTH, Favourite, Ref
from core.licensing.types import Track
from core.store import favourite_tracks
from core.store.favourite_tracks import FavouriteRow
from core.store.store import Store

SUBJECT = "favourites"


class Favourites:
    def __init__(self, store: Store, facts: Facts) -> None:
        self._store = store
        self._facts = facts

    def add(
        self, actor: Actor, provider: str, track_id: str, *, notes: str | None = None, tags: Sequence[str] | None = None,
        title: str = "",
    ) -> tuple[Favourite, bool]:  # fmt: skip
        """And whether it is new: of one that was there already, notes and tags that are given take the old ones' place.
        NotFound where its catalogue says that there is none."""
        said = None if notes is None else noted(notes)
        words = None if tags is None else tagged(tags)
        known, unknown = self._facts.read(actor, [Ref(provider, track_id, title=title)])
        if unknown:
            raise NotFound(f"{provider[:40]} has no track {track_id[:60]!r}.", "Search for it anew.", "no_track")
        with self._store.db.exclusive(SUBJECT) as connection:
            track = known[provider, track_id]
            favourite_id, new = favourite_tracks.put(
                connection, actor, provider, track_id, track.as_dict(), said, words
            )
            if new and favourite_tracks.count(connection, actor) > MOST_FAVOURITES:
                raise UserError(
                    f"You have {MOST_FAVOURITES:,} favourites.", "Remove some first.", "too_many_favourites"
                )
        return self.get(actor, favourite_id), new

    def get(self, actor: Actor, favourite_id: str) -> Favourite:
        with self._store.db.read() as connection:
            return self._shown(connection, actor, [favourite_tracks.get(connection, actor, favourite_id)])[0]

    def listed(
        self, actor: Actor, *, tag: str = "", search: str = "", limit: int = 100, offset: int = 0
    ) -> tuple[list[Favourite], int]:
        """A page, the newest first, and how many there are in all."""
        with self._store.db.read() as connection:
            rows, total = favourite_tracks.listing(connection, actor, tag=tag, words=search, limit=limit, offset=offset)
            return self._shown(connection, actor, rows), total

    def remove(self, actor: Actor, favourite_id: str) -> None:
        with self._store.db.exclusive(SUBJECT) as connection:
            favourite_tracks.get(connection, actor, favourite_id)
            favourite_tracks.remove(connection, favourite_id)

    def _shown(self, connection: object, actor: Actor, rows: Sequence[FavouriteRow]) -> list[Favourite]:
        now = self._facts.now(connection, actor, [Track.of(row.track) for row in rows])
        return [
            Favourite(row.id, track, play, gone, row.notes, list(row.tags), row.created_at, row.updated_at)
            for row, (track, play, gone) in zip(rows, now, strict=True)
        ]


def noted(text: str) -> str:
    """Several lines are fine; what no database or page can hold is not."""
    kept = "\n".join(one_line(line, NOTES_LENGTH + 1) for line in text.strip().splitlines())
    if len(kept) > NOTES_LENGTH:
        raise UserError(f"A note has at most {NOTES_LENGTH:,} characters.", f"This one has {len(kept):,}.", "too_long")
    return kept


def tagged(tags: Sequence[str]) -> list[str]:
    found = {one_line(each, TAG_LENGTH + 1): None for each in tags}
    kept = [each for each in found if each]
    if len(kept) > MOST_TAGS or any(len(each) > TAG_LENGTH for each in kept):
        raise UserError(
            f"At most {MOST_TAGS} tags of at most {TAG_LENGTH} characters each.", "Leave some out.", "bad_tags"
        )
    return kept
