"""Undo and redo over versions. Nothing is taken back: going to an earlier state writes a version that restores it."""

from __future__ import annotations

from collections.abc import Mapping


def undo_to(restores: Mapping[int, int | None], head: int) -> int | None:
    """The version whose document comes back; None at the beginning. `restores`: version to the version it brought
    back, or None for an edit."""
    before = _root(restores, head) - 1
    return _root(restores, before) if before >= 1 else None


def redo_to(restores: Mapping[int, int | None], head: int) -> int | None:
    """None when nothing was undone since the last edit."""
    last_edit = head
    while restores.get(last_edit) is not None:
        last_edit -= 1
    here, step = _root(restores, head), last_edit
    while step != here:
        before = undo_to(restores, step)
        if before is None:
            return None  # an older version was brought back by hand, which is not on this way
        if before == here:
            return step
        step = before
    return None


def _root(restores: Mapping[int, int | None], version: int) -> int:
    found = restores.get(version)
    return version if found is None else found
