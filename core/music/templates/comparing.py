"""Two contents held beside each other, field by field."""

from __future__ import annotations

from typing import Any

from core.music.templates.content import FIELDS
from core.music.templates.types import Difference
from core.store.templates import Content


def flat(content: Content) -> dict[str, Any]:
    """Every field that an edit may change under one name, music's own among them; None where it is left open."""
    own = {"name": content.name, "description": content.description, "use_cases": content.use_cases}
    known = {name: content.fields.get(name) for name in (*FIELDS, *content.fields)}
    return own | {"provider": content.provider or None} | known


def differences(yours: Content, theirs: Content, before: Content | None = None) -> tuple[Difference, ...]:
    mine, other = flat(yours), flat(theirs)
    old = flat(before) if before is not None else {}
    names = dict.fromkeys([*mine, *other])
    return tuple(
        Difference(name, mine.get(name), other.get(name), old.get(name))
        for name in names
        if mine.get(name) != other.get(name)
    )
