"""The OpenAPI schema and a page made from it. Nothing is fetched from elsewhere."""

from __future__ import annotations

import http
import json
import re
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse

from core.api.answers import MEDIA_TYPE, Problem
from core.api.openai import OpenaiError

router = APIRouter()
ABOUT = """Everything the studio makes, over HTTP. A POST that makes something answers 202 with a job; with `?wait=30`
it answers 200 with what came out, if that is done in time. Follow a job at its `Location`, or live at `/events`.
The header `Idempotency-Key` makes a POST safe to repeat. Errors are problem details (RFC 9457) with a `code` for
programs and a `hint` for people; under /v1 they have OpenAI's shape. JSON bodies end at 1 MB, a book's at 4 MB."""
PROBLEMS = {
    400: "the body cannot be read", 401: "not signed in", 402: "a cap on money forbids it", 403: "not allowed",
    404: "no such thing, or not yours to see", 405: "that method does not exist there", 409: "somebody was quicker, or "
    "the job was cancelled", 413: "too large", 415: "the wrong Content-Type", 416: "a range outside the file",
    422: "a value cannot work; `errors` names each", 429: "too often; Retry-After says when again",
    451: "a licence forbids it", 500: "our mistake", 502: "a provider failed", 503: "something is not set up or not ready",
    507: "the disk is full",
}  # fmt: skip
_STYLE = """body{font:15px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1.2rem}
h2{margin-top:2.2rem;font-size:1.15rem}details{border:1px solid #8884;border-radius:8px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;background:#8881;padding:.7rem;
border-radius:6px}b.m{display:inline-block;min-width:4.2rem}td,th{text-align:left;padding:.15rem .9rem .15rem 0;
vertical-align:top}small{opacity:.75}"""


def schema(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, made once. Every own path may answer a problem; FastAPI's own error shape is nowhere."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.router.routes)
        parts = made["components"]["schemas"]
        for model in (Problem, OpenaiError):
            found = model.model_json_schema(ref_template="#/components/schemas/{model}")
            parts |= found.pop("$defs", {})
            parts[model.__name__] = found
        for path, methods in made["paths"].items():
            for operation in methods.values():
                answers = operation["responses"]
                answers.pop("422", None)
                kind, name = ("application/json", "OpenaiError") if path.startswith("/v1/") else (MEDIA_TYPE, "Problem")
                content = {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
                answers["4XX"] = {"description": "what is wrong with the request", "content": content}
                answers["5XX"] = {"description": "what is wrong here", "content": content}
        for unused in ("HTTPValidationError", "ValidationError"):
            parts.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    return JSONResponse(schema(request.app))


@router.get("/api/docs", include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """Every path with its parameters, an example of its body and what it answers."""
    made = schema(request.app)
    groups: dict[str, list[str]] = {}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["studio"])[0]
            groups.setdefault(tag, []).append(_operation(made, path, method, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(rows)}" for tag, rows in groups.items())
    problems = "".join(
        f'<tr id="problem-{status}"><td>{status}<td>{escape(http.HTTPStatus(status).phrase)}<td>{escape(means)}'
        for status, means in PROBLEMS.items()
    )
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(made["info"]["title"])}: REST</title>'
        f"<style>{_STYLE}</style><h1>REST</h1><p>{_marked(ABOUT)}</p>"
        f'<p>The same for machines: <a href="/api/openapi.json">openapi.json</a>.</p>{body}'
        f"<h2>Errors</h2><table>{problems}</table></html>"
    )


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _operation(made: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{escape(each['in'])}<td>{escape(_type(each.get('schema', {})))}"
        f"<td>{_marked(each.get('description', ''))}"
        for each in operation.get("parameters", [])
    )
    content = operation.get("requestBody", {}).get("content", {})
    bodies = "".join(f"<p><small>{escape(kind)}</small>{_body(made, each['schema'])}" for kind, each in content.items())
    answers = ", ".join(status for status in operation["responses"] if status[0] == "2")
    text = _marked(operation.get("description", ""))
    return (
        f'<details><summary><b class="m">{method.upper()}</b> <code>{escape(path)}</code></summary><p>{text}</p>'
        f"<table>{parameters}</table>{bodies}<p><small>Answers {escape(answers)}</small></p></details>"
    )


def _body(made: dict[str, Any], found: dict[str, Any]) -> str:
    name = found.get("$ref", "").rpartition("/")[2]
    found = made["components"]["schemas"].get(name, found)
    example = next(iter(found.get("examples", [])), None)
    shown = "" if example is None else f"<pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>"
    needed = set(found.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{' *' if field in needed else ''}<td>{escape(_type(about))}"
        f"<td>{_marked(about.get('description', ''))}"
        for field, about in found.get("properties", {}).items()
    )
    return f"{shown}<table>{rows}</table>"


def _type(found: dict[str, Any]) -> str:
    if "enum" in found:
        return " | ".join(map(str, found["enum"]))
    if "const" in found:
        return str(found["const"])
    if "anyOf" in found:
        return " | ".join(dict.fromkeys(_type(each) for each in found["anyOf"]))
    if "$ref" in found:
        return str(found["$ref"]).rpartition("/")[2]
    if found.get("type") == "array":
        return f"list of {_type(found.get('items', {}))}"
    return str(found.get("type", ""))
