"""What `studio templates … --json` prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core.music.templates.files import BroughtIn
from core.music.templates.types import Best, Template
from core.store.templates import VersionRow


class TemplateLine(BaseModel):
    id: str
    name: str
    description: str
    use_cases: list[str]
    provider: str
    fields: dict[str, Any]
    version: int
    visibility: str
    owner: str
    usage_count: int
    kept_rate: float | None
    rating: float | None
    updated_at: datetime | None

    @classmethod
    def of(cls, one: Template) -> TemplateLine:
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class VersionLine(BaseModel):
    version: int
    author: str
    message: str
    changed: list[str]
    created_at: datetime

    @classmethod
    def of(cls, row: VersionRow, author: str, changed: list[str]) -> VersionLine:
        return cls(
            version=row.version, author=author, message=row.message, changed=changed, created_at=row.created_at
        )  # fmt: skip


class BestLine(BaseModel):
    engine: str
    model: str
    seed: int
    why: str
    asset_id: str

    @classmethod
    def of(cls, best: Best) -> BestLine:
        return cls(**{name: getattr(best, name) for name in cls.model_fields})


class TemplateWhole(TemplateLine):
    engine: str
    ignored: list[str]
    best: BestLine | None
    versions: list[VersionLine]


class Exported(BaseModel):
    path: str
    """"-" for standard output."""
    yaml: str
    """The file's text where it was to go to standard output; "" where it was written."""


class BroughtInLine(BaseModel):
    name: str
    id: str
    did: str

    @classmethod
    def of(cls, one: BroughtIn) -> BroughtInLine:
        return cls(**one.__dict__)
