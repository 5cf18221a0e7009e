"""Webhooks as everyone sees them: add, list, remove, what was delivered, try one out."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import timedelta

from core.hooks.delivery import Delivering
from core.hooks.signing import new_secret
from core.kit.actor import Actor
from core.kit.addresses import check_public
from core.kit.cipher import Cipher
from core.kit.clock import new_id, now
from core.kit.errors import UserError
from core.kit.settings import Settings
from core.store import webhooks
from core.store.db import Database
from core.store.webhooks import EVENTS, TEST, Delivery, Webhook

MOST = 20
"""Webhooks of one user."""
LONGEST_URL = 2000


class Webhooks:
    def __init__(self, settings: Settings, database: Database, delivering: Delivering) -> None:
        self._settings = settings
        self._db = database
        self._cipher = Cipher(settings)
        self._delivering = delivering

    def add(self, actor: Actor, url: str, events: Sequence[str] | None = None) -> tuple[Webhook, str]:
        """The webhook, and its secret, which is shown this once. Without events: all of them."""
        wanted = list(dict.fromkeys(events if events is not None else EVENTS))
        unknown = [event for event in wanted if event not in EVENTS]
        if unknown or not wanted:
            named = f"There is no event {unknown[0][:40]!r}." if unknown else "No event was chosen."
            raise UserError(named, f"Choose from: {', '.join(EVENTS)}.")
        if len(url) > LONGEST_URL:
            raise UserError("The address is too long.", f"Use at most {LONGEST_URL:,} characters.")
        target = check_public(url, allow_private=self._settings.allow_private_urls)
        secret = new_secret()
        row = {
            "id": new_id("webhook"), "user_id": actor.user_id, "url": target.url, "events": wanted,
            "secret": self._cipher.seal(secret), "active": True,
        }  # fmt: skip
        with self._db.exclusive("webhooks") as connection:
            if sum(hook.user_id == actor.user_id for hook in webhooks.listing(connection, actor)) >= MOST:
                raise UserError(f"{MOST} webhooks are the most one user can have.", "Remove one first.")
            webhooks.add(connection, row)
            return webhooks.get(connection, actor, str(row["id"])), secret

    def list(self, actor: Actor) -> builtins.list[Webhook]:
        """One's own; an administrator sees all."""
        with self._db.read() as connection:
            return webhooks.listing(connection, actor)

    def remove(self, actor: Actor, webhook_id: str) -> None:
        with self._db.write() as connection:
            webhooks.remove(connection, webhooks.get(connection, actor, webhook_id).id)

    def deliveries(self, actor: Actor, webhook_id: str, limit: int = 100) -> builtins.list[Delivery]:
        with self._db.read() as connection:
            return webhooks.history(connection, webhooks.get(connection, actor, webhook_id).id, limit)

    def test(self, actor: Actor, webhook_id: str) -> Delivery:
        """Send one event of type "test" at once, and answer how it went. It is tried only this once."""
        with self._db.write() as connection:
            hook = webhooks.get(connection, actor, webhook_id)
            delivery_id = webhooks.put(connection, hook.id, TEST, new_id("test"), {"webhook_id": hook.id})
            assert delivery_id is not None  # its subject is new
            # Ours for now, so that no worker sends it as well.
            webhooks.change(connection, delivery_id, tries=1, next_at=now() + timedelta(minutes=10))
            row = webhooks.delivery(connection, delivery_id)
            assert row is not None
        return self._delivering.deliver(row, last=True)
