"""The templates that come with the studio: for everybody, never edited, only copied."""

from __future__ import annotations

from functools import cache

from core.kit.clock import now
from core.kit.paths import reference
from core.store.templates import SHIPPED, TemplateRow


@cache
def shipped() -> dict[str, TemplateRow]:
    """By id, in the order of the file. Its values are held against core.music.types by the tests."""
    found, dated = {}, now()  # a row has its times; nobody is shown these
    for each in reference("music/templates"):
        found[each["id"]] = TemplateRow(
            id=each["id"], name=each["name"], description=each["description"], use_cases=list(each["use_cases"]),
            provider="", fields=dict(each["music"]), version=int(each.get("version", 1)), user_id="",
            organisation_id="", visibility=SHIPPED, updated_by="", created_at=dated, updated_at=dated,
        )  # fmt: skip
    return found
