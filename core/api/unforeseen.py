"""What nobody foresaw: written down for whoever runs the studio, and told without its insides to whoever asked.

A middleware of its own, and no exception handler: those pass the error on afterwards, and the server would print it
to the console with whatever secret stands in its message.
"""

from __future__ import annotations

import errno
import traceback

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.answers import answer
from core.app import Studio
from core.kit.clock import now
from core.kit.errors import StudioError, Unavailable
from core.kit.secrecy import hide


class Unforeseen:
    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app = app
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            return  # who asked is gone in the middle of sending
        except Exception as error:
            request = Request(scope)
            told, status = _told(error, demo=self._studio.settings.demo)
            if status == 500:
                self._write_down(request, error)
            if not begun:  # else the server closes the line on the unfinished answer
                await answer(request, told, status)(scope, receive, send)

    def _write_down(self, request: Request, error: Exception) -> None:
        try:
            with (self._studio.settings.home / "errors.log").open("a", encoding="utf-8") as log:
                where = f"{request.method} {request.url.path[:200]!r}"
                log.write(f"{now().isoformat()} {where}\n{hide(''.join(traceback.format_exception(error)))}\n")
        except OSError:
            pass  # the answer says that something is wrong; there is nowhere to write it


def _told(error: Exception, *, demo: bool) -> tuple[StudioError, int]:
    original = getattr(error, "orig", None) or error
    full_disk = isinstance(original, OSError) and original.errno in (errno.ENOSPC, errno.EDQUOT)
    # By name: only the store knows which database there is.
    database = type(original).__name__ in ("OperationalError", "DiskFull", "AdminShutdown", "ConnectionTimeout")
    if full_disk or (database and "full" in f"{type(original).__name__} {original}".lower()):
        return StudioError(
            "The disk is full; nothing was changed.", "Free some space, then try again.", "disk_full"
        ), 507
    if database:
        away = Unavailable("The database does not answer.", "Try again in a moment.")
        away.wait_s = 2.0
        return away, 503
    hint = "Please try again." + ("" if demo else " What happened stands in errors.log of STUDIO_HOME.")
    return StudioError("The studio made a mistake here; nothing of yours is lost.", hint, "unexpected"), 500
