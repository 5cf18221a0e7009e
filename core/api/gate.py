"""In front of every route there is or ever will be: who may come in, and from where.

On this machine alone nobody is asked; there the gate only sees to it that no web page of somebody else's uses the
studio through its visitor's browser. Anywhere else everything is closed but the sign-in page, /healthz and signed news.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import anyio.to_thread
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.access.sessions import SignedIn, same
from core.api import answers
from core.app import Studio
from core.kit.actor import Actor
from core.kit.addresses import host_of, is_loopback
from core.kit.errors import AccessError, SignInNeeded, StudioError, UserError

OPEN = frozenset({"/sign-in", "/healthz", "/api/licence-news"})
"""All that answers a stranger; news of licences are signed. Exact paths: nothing below them is open."""
UNUSED = ("/monitoring", "/gradio_api/vibe", "/gradio_api/undo-vibe", "/gradio_api/dev")
"""Gradio's own tools, which tell of everybody's calls or change the page: for administrators, if for anybody."""
LARGEST_FORM = 20_000
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CLOSED = {
    "cache-control": "private, no-cache", "x-content-type-options": "nosniff", "referrer-policy": "same-origin",
    "content-security-policy": "frame-ancestors 'self'",
}  # fmt: skip
"""On every answer that does not say otherwise itself: what one user was shown, the next one at the same computer must
not find, and no other site may show it in a frame."""


class Gate:
    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app = app
        self._studio = studio
        self._allowed = {name.strip().lower() for name in studio.settings.allowed_hosts.split(",") if name.strip()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            found = await self._admit(connection, scope)
        except StudioError as error:
            await self._refuse(error, scope, receive, send)
            return
        if found is not None:
            scope["state"] = dict(scope.get("state") or {}) | found
        await self._app(scope, receive, self._closing(send) if self._required else send)

    @property
    def _required(self) -> bool:
        return self._studio.settings.sign_in_required

    async def _admit(self, connection: HTTPConnection, scope: Scope) -> dict[str, Any] | None:
        settings = self._studio.settings
        changes = scope["type"] == "websocket" or scope["method"] not in _READING
        if not self._required:
            if not settings.demo and is_loopback(settings.host):
                self._known_host(connection)
            if changes:
                self._same_site(connection)
            return None
        if scope["path"] in OPEN:
            if changes:
                self._same_site(connection)
                _small(connection)
            return None
        headers, cookies = connection.headers, connection.cookies
        who = await anyio.to_thread.run_sync(self._studio.access.signed_in, headers, cookies)
        actor = who.actor if isinstance(who, SignedIn) else who
        if actor is not None and not actor.is_admin and scope["path"].startswith(UNUSED):
            raise AccessError("Only an administrator may look there.", "Ask an administrator of this studio.")
        if isinstance(who, SignedIn):
            if changes:
                told = headers.get("x-csrf-token", "")
                if not same(told, who.session.csrf):
                    self._same_site(connection, must_say=True)
            return {"actor": who.actor, "signed_in": who}
        if isinstance(who, Actor):
            return {"actor": who}
        raise SignInNeeded(
            "Sign in first.", "In a browser at /sign-in; programs send the header Authorization: Bearer cw_…"
        )

    def _known_host(self, connection: HTTPConnection) -> None:
        """A page of another site can have its own name answer with 127.0.0.1, and would then read whatever the
        studio tells the person at this machine. It cannot change the name it calls by."""
        name = host_of(connection.headers.get("host", ""))
        if not is_loopback(name) and name not in self._allowed:
            raise AccessError(
                f"This studio is for this machine alone and is not called {name[:100]!r}.",
                "Open it as 127.0.0.1 or localhost; behind a proxy of your own, name it in STUDIO_ALLOWED_HOSTS.",
                "unknown_host",
            )

    def _same_site(self, connection: HTTPConnection, *, must_say: bool = False) -> None:
        """Only the studio's own pages may change things with what the browser knows. Browsers say where a request
        comes from and let no page lie about it."""
        site = connection.headers.get("sec-fetch-site")
        origin = connection.headers.get("origin")
        if site is not None:
            ours = site in ("same-origin", "none")
        elif origin is not None:
            hosts = {connection.headers.get("host"), connection.headers.get("x-forwarded-host")}
            ours = _place_of(origin) in hosts - {None, ""}
        else:
            ours = not must_say
        if not ours:
            raise AccessError(
                "This request came from another site.",
                "Use the studio's own page; programs use a token instead of a cookie.",
                "other_site",
            )

    async def _refuse(self, error: StudioError, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": error.message[:100]})
            return
        request = Request(scope)
        response: Response
        if isinstance(error, SignInNeeded) and _is_page(request):
            asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            response = RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303)
        else:
            response = answers.answer(request, error)
        await response(scope, receive, self._closing(send))

    @staticmethod
    def _closing(send: Send) -> Send:
        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _CLOSED.items():
                    headers.setdefault(name, value)
            await send(message)

        return closed


def _small(connection: HTTPConnection) -> None:
    """Strangers may send a name and a password, not a file."""
    told = connection.headers.get("content-length", "")
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not told.isdigit() or int(told) > LARGEST_FORM or kind != "application/x-www-form-urlencoded":
        raise UserError("That is not the sign-in form.", "Open /sign-in and fill it in.", "too_large")


def _is_page(request: Request) -> bool:
    reading = request.method in ("GET", "HEAD")
    return reading and "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _place_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
