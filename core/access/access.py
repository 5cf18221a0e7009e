"""Who may come in and see what: the services together, and the rule about listening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.access.audit import Audit
from core.access.passwords import Passwords
from core.access.sessions import COOKIE, Sessions, SignedIn
from core.access.sharing import Sharing
from core.access.teams import Teams
from core.access.tokens import Tokens
from core.access.users import Users
from core.kit.actor import Actor
from core.kit.errors import SetupError
from core.kit.settings import Settings
from core.store.store import Store


@dataclass(frozen=True)
class Access:
    users: Users
    sessions: Sessions
    tokens: Tokens
    teams: Teams
    sharing: Sharing
    audit: Audit

    def signed_in(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> SignedIn | Actor | None:
        """Who sends this request: an Actor by a bearer token, a SignedIn by a cookie, or nobody. A request with a
        token is never taken for the cookie's: programs that send both mean the token."""
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.tokens.find(secret.strip())
        return self.sessions.find(cookies.get(COOKIE, ""))

    def may_listen(self, settings: Settings) -> None:
        """SetupError (exit code 3) when others could reach this studio and nobody was made a user of it yet."""
        if not settings.sign_in_required or self.users.any():
            return
        where = f"on {settings.host}" if settings.host else "on every address"
        raise SetupError(
            f"The studio does not listen {where} before somebody can sign in: there are no users yet.",
            "Add the first one, who will administer it: studio users add NAME",
            "no_users",
        )


def open_access(store: Store, passwords: Passwords | None = None) -> Access:
    passwords = passwords or Passwords()
    return Access(
        users=Users(store, passwords), sessions=Sessions(store, passwords), tokens=Tokens(store),
        teams=Teams(store), sharing=Sharing(store), audit=Audit(store),
    )  # fmt: skip
