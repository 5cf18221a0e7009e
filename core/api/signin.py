"""The sign-in page, which needs no script and nothing from elsewhere, and the way out."""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from core.access.sessions import COOKIE, LONGEST, SignedIn, same
from core.api.visitors import studio_of
from core.kit.errors import AccessError, SignInNeeded, StudioError, TooManyTries

router = APIRouter(include_in_schema=False)
_LONGEST_NEXT = 500
_HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}  # fmt: skip
_STYLE = """:root{color-scheme:light dark;--page:#f7f7f8;--card:#fff;--line:#d9d9de;--text:#18181b;--soft:#5f5f6a;
--ink:#18181b;--on:#fff;--bad:#a33415}@media(prefers-color-scheme:dark){:root{--page:#0f0f11;--card:#17171a;
--line:#34343b;--text:#ededf0;--soft:#a0a0ab;--ink:#f4f4f5;--on:#0f0f11;--bad:#fa7a55}}*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--text);
font:15px/1.5 Inter,system-ui,sans-serif;padding:1.5rem}main{width:100%;max-width:22rem;background:var(--card);
border:1px solid var(--line);border-radius:12px;padding:1.75rem}h1{font-size:1.15rem;letter-spacing:-.01em;margin:0}
p{margin:.3rem 0 1.2rem;color:var(--soft)}label{display:block;font-size:13px;font-weight:500;margin-top:.9rem}
input{width:100%;margin-top:.3rem;padding:9px 12px;font:inherit;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:8px}input:focus-visible,button:focus-visible{outline:3px solid #ea573055;
outline-offset:1px;border-color:#ea5730}button{width:100%;margin-top:1.3rem;padding:10px;font:inherit;font-weight:600;
color:var(--on);background:var(--ink);border:0;border-radius:10px;cursor:pointer}
[role=alert]{color:var(--bad);margin:0 0 .4rem}[role=alert] b{display:block}"""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in · Creator Workbench</title><style>{style}</style><main><h1>Creator Workbench</h1>
<p>Sign in to your studio.</p>{alert}<form method="post" action="/sign-in">
<input type="hidden" name="next" value="{next}">
<label>Name<input name="name" value="{name}" autocomplete="username" autocapitalize="none" spellcheck="false" required
 maxlength="80"{focus_name}></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required{focus_password}></label>
<button>Sign in</button></form></main></html>"""


def inside(target: str) -> str:
    """Where to go on to: a path of ours, never another site; the first page otherwise."""
    plain = target.isprintable() and len(target) <= _LONGEST_NEXT
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if plain and ours and not target.startswith(("/sign-in", "/sign-out")) else "/"


@router.get("/sign-in")
def page(request: Request, next: str = "/") -> Response:
    studio = studio_of(request)
    if not studio.settings.sign_in_required:
        return RedirectResponse("/", 303, _HEADERS)
    if studio.access.signed_in(request.headers, request.cookies) is not None:
        return RedirectResponse(_ascii(inside(next)), 303, _HEADERS)
    return _page(next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=2000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    access = studio_of(request).access
    try:
        secret, _ = access.sessions.sign_in(
            name, password, address=address_of(request), agent=request.headers.get("user-agent", "")
        )
    except (SignInNeeded, TooManyTries) as error:
        response = _page(next, name, error)
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(max(1, round(error.wait_s)))
        return response
    access.sessions.sign_out(request.cookies.get(COOKIE, ""))  # whoever was signed in here before
    response = RedirectResponse(_ascii(inside(next)), 303, _HEADERS)
    response.set_cookie(
        COOKIE, secret, max_age=int(LONGEST.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


@router.post("/sign-out")
def sign_out(
    request: Request, csrf: Annotated[str, Form(max_length=200)] = "", everywhere: Annotated[bool, Form()] = False
) -> Response:
    known = getattr(request.state, "signed_in", None)
    if not isinstance(known, SignedIn):
        raise AccessError("There is no session to end.", "A token is revoked instead: DELETE /api/tokens/{id}")
    if not same(csrf, known.session.csrf):
        raise AccessError("This form is out of date.", "Reload the page and try again.", "other_site")
    sessions = studio_of(request).access.sessions
    if everywhere:
        sessions.sign_out_everywhere(known.actor, address=address_of(request))
    else:
        sessions.sign_out(request.cookies.get(COOKIE, ""), address=address_of(request))
    response = RedirectResponse("/sign-in", 303, _HEADERS)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response


def address_of(request: Request) -> str:
    """Of the browser. Behind a proxy on this machine, what the proxy says; uvicorn sees to that."""
    return request.client.host if request.client is not None else ""


def _page(target: str, name: str = "", error: StudioError | None = None) -> Response:
    alert = ""
    if error is not None:
        alert = f'<div role="alert"><b>{escape(error.message)}</b>{escape(error.hint)}</div>'
    text = _PAGE.format(
        style=_STYLE, alert=alert, next=escape(inside(target), quote=True), name=escape(name, quote=True),
        focus_name="" if name else " autofocus", focus_password=" autofocus" if name else "",
    )  # fmt: skip
    status = {SignInNeeded: 401, TooManyTries: 429}.get(type(error), 200) if error is not None else 200
    return HTMLResponse(text, status, _HEADERS)


def _ascii(path: str) -> str:
    return quote(path, safe="/?&=%:@!$'()*+,;~#-._")
