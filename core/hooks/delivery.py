"""Deliveries: taken from their rows, signed, sent, and tried again for a day until somebody says 2xx.

At least once: a worker that dies between sending and writing down leaves the row waiting, and it is sent again under
the same Webhook-Id.
"""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from core.hooks.signing import headers
from core.kit.cipher import Cipher
from core.kit.clock import now
from core.kit.errors import NotFound, StudioError
from core.kit.http import Http
from core.kit.settings import Settings
from core.store import webhooks
from core.store.db import Database
from core.store.webhooks import DELIVERED, FAILED, WAITING, Delivery

PAUSES_S = (5, 60, 300, 1800, 7200, 18_000, 57_600)
"""After the first try, the second, and so on: about 23 hours in all, then it is given up."""
TIMEOUT_S = 10.0
AT_ONCE = 4
BATCH = 50
LEASE = timedelta(seconds=60)
"""A worker that took a delivery and died gives it back after this. Longer than a batch's slowest share of timeouts is
not needed: each delivery is taken right before it is sent."""
GONE = 410


class Delivering:
    def __init__(self, settings: Settings, database: Database) -> None:
        self._db = database
        self._cipher = Cipher(settings)
        self._http = Http(allow_private=settings.allow_private_urls, timeout_s=TIMEOUT_S)

    def run(self) -> int:
        """A worker's chore: everything that is due. Answers how many were tried."""
        with self._db.read() as connection:
            waiting = len(webhooks.due(connection, BATCH))
        if waiting == 0:
            return 0
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, waiting)) as pool:
            return sum(pool.map(lambda _: self._one(), range(waiting)))

    def _one(self) -> int:
        with self._db.exclusive("webhooks") as connection:
            taken = webhooks.take(connection, 1, LEASE)
        for row in taken:
            with self._db.read() as connection:
                fresh = webhooks.delivery(connection, row.id)
            if fresh is not None:
                self.deliver(fresh)
        return len(taken)

    def deliver(self, row: Delivery, *, last: bool = False) -> Delivery:
        """Send it now and write down what came of it; with `last` there is no further try."""
        with self._db.read() as connection:
            hook = webhooks.find(connection, row.webhook_id)
        if hook is None:
            raise NotFound("This webhook was removed meanwhile.", "")
        if hook.active or row.event == webhooks.TEST:
            status, answer = self._send(hook.url, hook.secret, row)
        else:
            status, answer = FAILED, "the webhook is switched off"
        if status == WAITING and (last or row.tries > len(PAUSES_S)):
            status = FAILED
        pause = PAUSES_S[min(row.tries, len(PAUSES_S)) - 1] * random.uniform(1.0, 1.1)  # many must not return together
        with self._db.write() as connection:
            if status == FAILED and answer.startswith(str(GONE)):
                webhooks.switch_off(connection, hook.id)
            webhooks.change(
                connection, row.id, status=status, answer=answer[:400], next_at=now() + timedelta(seconds=pause)
            )
            done = webhooks.delivery(connection, row.id)
        if done is None:
            raise NotFound("This webhook was removed meanwhile.", "")
        return done

    def _send(self, url: str, sealed: str, row: Delivery) -> tuple[str, str]:
        body = json.dumps(row.payload, separators=(",", ":"), sort_keys=True).encode()
        try:
            answer = self._http.post(url, body, headers(self._cipher.open(sealed), row.id, body))
        except StudioError as error:
            return WAITING, error.message
        if 200 <= answer.status < 300:
            return DELIVERED, str(answer.status)
        if answer.status == GONE:
            return FAILED, f"{GONE}: the receiver wants no more; the webhook is switched off"
        redirect = ": redirects are not followed" if 300 <= answer.status < 400 else ""
        return WAITING, f"{answer.status}{redirect}"
