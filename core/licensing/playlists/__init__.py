"""Favourites and playlists of licensed music."""
