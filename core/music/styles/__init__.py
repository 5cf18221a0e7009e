"""Styles of one's own, learned from tracks that the user owns."""
