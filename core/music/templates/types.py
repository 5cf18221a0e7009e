"""What a template is to whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.kit.errors import UserError

Visibility = Literal["private", "team", "public", "shipped"]


@dataclass(frozen=True)
class Best:
    """What was liked most of all that this very version's fields made: with its seed it can be had again."""

    engine: str
    model: str
    seed: int
    version: int
    why: str
    """exported or favourite, rated 5, scored 91, kept"""
    asset_id: str
    """"" where it is not the actor's to see."""


@dataclass(frozen=True)
class Template:
    id: str
    name: str
    description: str
    use_cases: list[str]
    provider: str
    fields: dict[str, Any]
    version: int
    visibility: Visibility
    user_id: str
    """"" of a shipped one."""
    owner: str
    updated_by: str
    created_at: datetime | None
    updated_at: datetime | None
    mine: bool
    may_edit: bool
    usage_count: int
    done: int
    kept: int
    kept_at_least: float
    """What the kept rate is at least, with 95 % confidence: what two of two says is not what 90 of 100 says."""
    rating: float | None
    ratings: int
    my_rating: int | None

    @property
    def kept_rate(self) -> float | None:
        return self.kept / self.done if self.done else None


@dataclass(frozen=True)
class Difference:
    """A field of two contents that are not the same; None: left open."""

    field: str
    yours: Any
    theirs: Any
    before: Any = None


class EditConflict(UserError):
    """Somebody saved since the version an edit began from. Holds all that is needed to merge by hand."""

    default_code = "version_conflict"

    def __init__(self, message: str, hint: str, *, version: int, by: str, differences: tuple[Difference, ...]) -> None:
        super().__init__(message, hint)
        self.version = version
        """The one that is current now: the merged edit is based on it."""
        self.by = by
        self.differences = differences
        self.fields = tuple((one.field, f"yours {said(one.yours)}; theirs {said(one.theirs)}; before {said(one.before)}")
                            for one in differences)  # fmt: skip


def said(value: Any) -> str:
    """A value in an error or a comparison."""
    if value in (None, "", [], ()):
        return "open"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
