"""One clear answer for every error: JSON for programs, a small page for people who followed a link."""

from __future__ import annotations

from html import escape

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response

from core.kit.errors import (
    AccessError,
    MoneyError,
    NotFound,
    ProviderError,
    RightsError,
    SetupError,
    StudioError,
    UserError,
)

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:16vh auto;padding:0 1.5rem}}h1{{font-size:1.2rem}}
a{{color:inherit}}</style><h1>{title}</h1><p>{hint}</p><p><a href="/">Back to the studio</a></p></html>"""


def status_of(error: StudioError) -> int:
    match error:
        case NotFound():
            return 404
        case UserError():
            return 422
        case AccessError():
            return 403
        case RightsError():
            return 451
        case MoneyError():
            return 402
        case SetupError():
            return 503
        case ProviderError():
            return 502
        case _:
            return 500


def answer(request: Request, error: StudioError) -> Response:
    status = status_of(error)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_PAGE.format(title=escape(error.message), hint=escape(error.hint)), status)
    return JSONResponse({"error": error.as_dict()}, status)


def install(app: FastAPI) -> None:
    """Every StudioError and every value of the wrong shape becomes one clear message."""

    def clear(request: Request, error: Exception) -> Response:
        assert isinstance(error, StudioError)
        return answer(request, error)

    def wrong_shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = str(first["loc"][-1])
        return answer(request, UserError(f"{where}: {first['msg']}.", "Correct that value and try again."))

    app.add_exception_handler(StudioError, clear)
    app.add_exception_handler(RequestValidationError, wrong_shape)
