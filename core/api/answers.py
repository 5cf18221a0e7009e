"""One clear answer for every error: problem details (RFC 9457) for programs, a small page for people who followed a
link, and OpenAI's own shape under /v1, whose clients read no other."""

from __future__ import annotations

import http
import math
from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.kit.clock import now, today
from core.kit.errors import (
    AccessError,
    Cancelled,
    MoneyError,
    NotFound,
    ProviderError,
    RateLimited,
    Rejected,
    RightsError,
    SetupError,
    SignInNeeded,
    StudioError,
    TooManyTries,
    UserError,
)

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/docs#problem-"
FIELDS_SHOWN = 20
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:16vh auto;padding:0 1.5rem}}h1{{font-size:1.2rem}}
a{{color:inherit}}</style><h1>{title}</h1><p>{hint}</p><p><a href="/">Back to the studio</a></p></html>"""

_STATUS_OF_CODE = {
    "version_conflict": 409, "outcome_unknown": 409, "not_ready": 409, "quota_day": 429, "quota_month": 429, "too_large": 413, "wrong_type": 415, "bad_json": 400, "already_running": 409, "no_effects": 409,
    "method_not_allowed": 405, "range": 416, "disk_full": 507,
}  # fmt: skip


class FieldProblem(BaseModel):
    field: str = Field(description="where, with dots: tracks.0.clips.2.start_s", examples=["speed"])
    message: str = Field(examples=["should be less than or equal to 2"])


class Problem(BaseModel):
    """Every error of every path but /v1. `detail` says what is wrong, `hint` what to do, `code` is for programs."""

    type: str = Field(examples=[f"{TYPES}422"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["There is no voice 'nobody'."])
    code: str = Field(examples=["no_voice"])
    hint: str = Field(default="", examples=["Did you mean Nora? The gallery lists all voices."])
    errors: list[FieldProblem] | None = Field(default=None, description="each value of the request that cannot work")
    job_id: str | None = Field(default=None, description="the job that ended with this error")


def status_of(error: StudioError) -> int:
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    match error:
        case NotFound():
            return 404
        case UserError() | Rejected():
            return 422
        case SignInNeeded():
            return 401
        case TooManyTries():
            return 429
        case AccessError():
            return 403
        case RightsError():
            return 451
        case MoneyError():
            return 402
        case SetupError():
            return 503
        case RateLimited():
            return 429
        case ProviderError():
            return 502
        case Cancelled():
            return 409
        case _:
            return 500


def answer(
    request: Request, error: StudioError, status: int = 0, fields: list[FieldProblem] | None = None, **more: Any
) -> Response:
    status = status or status_of(error)
    headers = {"Cache-Control": "no-store", **(getattr(error, "headers", None) or {})}
    told = getattr(error, "fields", ())  # (field, what is the matter) of an error that knows
    fields = fields or [FieldProblem(field=field, message=text[:300]) for field, text in told][:FIELDS_SHOWN] or None
    wait_s = float(getattr(error, "wait_s", 0.0) or 0.0) or _until_quota(error.code)
    if wait_s > 0 or status == 429:
        headers["Retry-After"] = str(max(1, math.ceil(wait_s)))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="studio"'
    path = request.url.path
    if path.startswith("/v1/"):
        from core.api.openai import error_body

        # The client repeats 409, 429 and 5xx by itself; only where waiting helps it should.
        headers["x-should-retry"] = "true" if "Retry-After" in headers else "false"
        code, body = error_body(error, status, fields)
        return JSONResponse(body, code, headers)
    if "text/html" in request.headers.get("accept", "") and not path.startswith("/api/"):
        return HTMLResponse(_PAGE.format(title=escape(error.message), hint=escape(error.hint)), status, headers)
    problem = Problem(
        type=f"{TYPES}{status}", title=http.HTTPStatus(status).phrase, status=status, detail=error.message,
        code=error.code, hint=error.hint, errors=fields, **more,
    )  # fmt: skip
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def _until_quota(code: str) -> float:
    """Seconds until a quota begins anew: UTC midnight, or the first of the month."""
    if code not in ("quota_day", "quota_month"):
        return 0.0
    day = today() + timedelta(days=1)
    if code == "quota_month":
        day = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
    return (datetime.combine(day, time(), UTC) - now()).total_seconds()


class JobEnded(Exception):
    """A job that was waited for ended with an error: the answer is that error, with the job's id."""

    def __init__(self, job_id: str, error: StudioError) -> None:
        super().__init__(error.message)
        self.job_id = job_id
        self.error = error


def install(app: FastAPI) -> None:
    """Whatever is raised on purpose becomes one clear answer; what is not: core.api.unforeseen."""

    def clear(request: Request, error: Exception) -> Response:
        assert isinstance(error, StudioError)
        return answer(request, error)

    def ended(request: Request, error: Exception) -> Response:
        assert isinstance(error, JobEnded)
        return answer(request, error.error, job_id=error.job_id)

    def wrong_shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _wrong_shape(request, error)

    def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, _of_status(request, error), error.status_code)

    app.add_exception_handler(StudioError, clear)
    app.add_exception_handler(JobEnded, ended)
    app.add_exception_handler(RequestValidationError, wrong_shape)
    app.add_exception_handler(HTTPException, plain)


def _wrong_shape(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    first = found[0]
    if first["type"] == "json_invalid":
        return answer(request, UserError("The body is not JSON.", f"{first['ctx']['error']}.", "bad_json"))
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if tuple(first["loc"]) == ("body",) and content != "application/json" and request.headers.get("content-length"):
        told = f"A body of type {content[:60]!r} is not read here." if content else "The body has no Content-Type."
        return answer(request, UserError(told, "Send Content-Type: application/json.", "wrong_type"))
    fields = [
        FieldProblem(field=_place(each["loc"]), message=str(each["msg"]).removeprefix("Value error, ")[:300])
        for each in found[:FIELDS_SHOWN]
    ]
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    told = f"{fields[0].field}: {fields[0].message}.{more}"
    return answer(request, UserError(told, "Correct that value and try again."), fields=fields)


def _place(loc: Any) -> str:
    """Names of the request only: a key that the request made up may hold anything."""
    parts = [str(part)[:60] for part in loc]
    if len(parts) > 1 and parts[0] in ("body", "query", "path", "header", "cookie"):
        parts = parts[1:]
    return ".".join(part.encode("ascii", "backslashreplace").decode() for part in parts)[:200]


def _of_status(request: Request, error: HTTPException) -> StudioError:
    path = request.url.path[:80]
    told: StudioError
    match error.status_code:
        case 404:
            told = NotFound(f"There is nothing at {path!r}.", "All paths stand at /api/docs.", "no_such_path")
        case 405:
            told = UserError(f"{request.method[:10]} is not possible at {path!r}.", "", "method_not_allowed")
            allowed = (error.headers or {}).get("Allow", "")
            told.hint = f"Possible: {allowed}." if allowed else "See /api/docs."
        case 413:
            told = UserError("The body is too large.", str(error.detail), "too_large")
        case 416:
            told = UserError("That range lies outside the file.", "Ask for bytes within it.", "range")
        case _:
            told = UserError(str(error.detail)[:200] or "The request cannot be read.", "See /api/docs.", "bad_request")
    told.headers = dict(error.headers or {})  # type: ignore[attr-defined]
    return told
