"""Who a web request comes from: the person at this machine, or, in the public demo, one user per browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.access.sessions import SignedIn
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import SignInNeeded

COOKIE = "studio_visitor"
KEEP_S = 30 * 24 * 3600
_SHAPE = re.compile(r"[0-9a-f]{32}")


def visitor(cookies: Mapping[str, str], *, demo: bool) -> Actor:
    """The actor of a browser session. A made-up or missing cookie sees nobody's things: its user has none."""
    if not demo:
        return LOCAL
    number = cookies.get(COOKIE, "")
    return Actor(user_id=f"demo-{number}" if _SHAPE.fullmatch(number) else "demo-new", tier="free")


def studio_of(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def actor_of(request: Request) -> Actor:
    """Whom the gate let in; without a gate in front, nobody where sign-in is required."""
    known = getattr(request.state, "actor", None)
    if isinstance(known, Actor):
        return known
    return actor_by(studio_of(request), request.headers, request.cookies)


def actor_by(studio: Studio, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Actor:
    """For whoever only has a request's headers and cookies, as the page's callbacks do. Looks again each time: a
    callback may have waited in a queue while its user signed out."""
    if not studio.settings.sign_in_required:
        return visitor(cookies, demo=studio.settings.demo)
    who = studio.access.signed_in(headers, cookies)
    if who is None:
        raise SignInNeeded("You are not signed in (any more).", "Reload the page and sign in.")
    return who.actor if isinstance(who, SignedIn) else who


class Visitors:
    """Gives every new browser its number, in a cookie that no script can read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _SHAPE.fullmatch(Request(scope).cookies.get(COOKIE, "")):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        secure = scope["scheme"] == "https" or headers.get(b"x-forwarded-proto", b"").startswith(b"https")
        # A Space shows the page in a frame of another site: only a partitioned, secure cookie comes back from there.
        site = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
        cookie = f"{COOKIE}={secrets.token_hex(16)}; Max-Age={KEEP_S}; Path=/; HttpOnly; {site}"

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        # Only pages hand out numbers: the many requests a first page fires at once would otherwise race for it.
        is_page = scope["path"] == "/" and scope["method"] == "GET"
        await self._app(scope, receive, with_cookie if is_page else send)
