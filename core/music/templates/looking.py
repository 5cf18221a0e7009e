"""Templates looked at: one, many, the popular ones, and what worked best with one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.music.templates import popular
from core.music.templates.content import tags, use_cases
from core.music.templates.shipped import shipped
from core.music.templates.types import Best, Template, Visibility
from core.store import assets, template_uses, templates, users
from core.store.store import Store
from core.store.template_uses import Uses
from core.store.templates import SHIPPED, TemplateRow

SCOPES = ("all", "mine", "team", "public", "shipped", "popular")


@dataclass(frozen=True)
class _Facts:
    """What is known of every template at a moment: read once for a whole list."""

    uses: Mapping[str, Uses]
    rated: Mapping[str, tuple[float, int]]
    my_ratings: Mapping[str, int]
    shared: set[str]
    editable: set[str]
    names: Mapping[str, str]


class Looking:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, actor: Actor, template_id: str) -> Template:
        with self._store.db.read() as connection:
            row = shipped().get(template_id) or templates.get(connection, actor, template_id)
            return self._seen(actor, row, self._facts(connection, actor, template_id))

    def find(
        self, actor: Actor, *, search: str = "", use_case: str = "", scope: str = "all", provider: str = "", by: str = "",
    ) -> list[Template]:  # fmt: skip
        """One's own first, then by name; where an order is asked for (`by`: use, kept) or the scope is popular, in that.
        `provider`: those meant for this engine or for any."""
        if scope not in SCOPES:
            raise UserError(f"There is no scope {scope[:40]!r}.", f"Choose one of: {', '.join(SCOPES)}.")
        wanted = tags([use_case])[0] if use_case else ""
        with self._store.db.read() as connection:
            rows = [] if scope == "shipped" else templates.listing(connection, actor, scope)
            facts = self._facts(connection, actor)
        if scope in ("all", "public", "shipped", "popular"):
            rows += shipped().values()
        words = search.casefold().split()
        found = [
            self._seen(actor, row, facts)
            for row in rows
            if (not wanted or wanted in row.use_cases)
            and (not provider or row.provider in ("", provider))
            and all(word in _haystack(row) for word in words)
        ]
        if by or scope == "popular":
            return popular.ranked(found, by or "use")
        return sorted(found, key=lambda one: (not one.mine, one.visibility == SHIPPED, one.name.casefold(), one.id))

    def best(self, actor: Actor, template_id: str) -> Best | None:
        """Engine and seed of the piece that was liked best, of all that anybody made with these very fields."""
        with self._store.db.read() as connection:
            if template_id in shipped():
                same = [shipped()[template_id].version]
            else:
                row = templates.get(connection, actor, template_id)
                versions = templates.history(connection, template_id)
                same = [one.version for one in versions if one.fields == row.fields]
            found = popular.best_of(template_uses.liked(connection, template_id, same))
            if found is None or _sees(connection, actor, found.asset_id):
                return found
        return replace(found, asset_id="")

    @staticmethod
    def who(connection: Any, actor: Actor, user_id: str) -> str:
        """A person's name as the actor reads it."""
        if user_id == actor.user_id:
            return "You"
        if user_id == LOCAL.user_id:
            return "The person at this machine"
        user = users.find(connection, user_id)
        return user.name if user is not None else "Somebody who has left"

    def _facts(self, connection: Any, actor: Actor, only: str = "") -> _Facts:
        return _Facts(
            template_uses.totals(connection, only), templates.rated(connection), templates.rated_by(connection, actor),
            templates.shared_ids(connection), templates.editable_among(connection, actor), users.names(connection),
        )  # fmt: skip

    @staticmethod
    def _seen(actor: Actor, row: TemplateRow, facts: _Facts) -> Template:
        uses = facts.uses.get(row.id, Uses())
        stars, ratings = facts.rated.get(row.id, (0.0, 0))
        own = row.visibility == SHIPPED
        kind: Visibility = (
            "shipped" if own else "public" if row.visibility == templates.PUBLIC
            else "team" if row.id in facts.shared else "private"
        )  # fmt: skip

        def name(user_id: str) -> str:
            return "You" if user_id == actor.user_id else facts.names.get(user_id, user_id) if user_id else "Studio"

        return Template(
            id=row.id, name=row.name, description=row.description, use_cases=list(row.use_cases), provider=row.provider,
            fields=dict(row.fields), version=row.version, visibility=kind, user_id=row.user_id, owner=name(row.user_id),
            updated_by=name(row.updated_by), created_at=None if own else row.created_at,
            updated_at=None if own else row.updated_at, mine=not own and row.user_id == actor.user_id,
            may_edit=row.id in facts.editable, usage_count=uses.count, done=uses.done, kept=uses.kept,
            kept_at_least=popular.at_least(uses.kept, uses.done), rating=round(stars, 2) if ratings else None,
            ratings=ratings, my_rating=facts.my_ratings.get(row.id),
        )  # fmt: skip


def _sees(connection: Any, actor: Actor, asset_id: str) -> bool:
    try:
        assets.get(connection, actor, asset_id)
    except NotFound:
        return False
    return True


def _haystack(row: TemplateRow) -> str:
    """All that is said of it, as a person may search for it."""
    titles = use_cases()
    cases: Iterable[str] = (titles.get(each, each) for each in row.use_cases)
    said = json.dumps(list(row.fields.values()), ensure_ascii=False)
    return " ".join((row.name, row.description, *row.use_cases, *cases, row.provider, said)).casefold()
