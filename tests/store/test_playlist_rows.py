"""Rows of favourites and playlists on both databases."""

from __future__ import annotations

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.licensing.types import Track
from core.store import favourite_tracks, playlists

EVE = Actor("eve")


def test_order_and_ownership(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        made = playlists.add(connection, LOCAL, {"name": "A", "description": "", "rules": None})
        tracks = [(Track("paper", str(number), f"Nº {number}").as_dict(), "") for number in range(1200)]
        ids = playlists.append(connection, LOCAL, made, tracks)
        for _ in range(40):
            assert playlists.move(connection, made, ids[-1], ids[0])
            assert playlists.move(connection, made, ids[-2], ids[0])
        assert not playlists.move(connection, made, "entry_x", "")
        assert not playlists.move(connection, made, ids[1], "entry_x")
    with studio.store.db.read() as connection:
        shown = playlists.page(connection, made, limit=4)
        assert [one.id for one in shown] == [ids[0], ids[-2], ids[-1], ids[1]]
        assert playlists.sizes(connection, [made]) == {made: 1200}
        assert playlists.listing(connection, EVE) == []
    with studio.store.db.write() as connection:
        assert playlists.take_out(connection, made, ids) == 1200
        playlists.remove(connection, made)


def test_a_favourite_is_ones_own(studio: Studio) -> None:
    track = Track("paper", "1", "Regen über Köln").as_dict()
    with studio.store.db.write() as connection:
        first, new = favourite_tracks.put(connection, EVE, "paper", "1", track, "laut", ["Café_1%"])
        assert (new, favourite_tracks.put(connection, EVE, "paper", "1", track, None, None)) == (True, (first, False))
        favourite_tracks.put(connection, LOCAL, "paper", "1", track, None, None)
    with studio.store.db.read() as connection:
        assert favourite_tracks.listing(connection, EVE, words="köln LAUT")[1] == 1
        assert favourite_tracks.listing(connection, EVE, tag="café_1%")[1] == 1
        assert favourite_tracks.listing(connection, EVE, tag="cafexx1x")[1] == 0
        assert favourite_tracks.listing(connection, LOCAL)[0][0].tags == []
