"""Every error becomes one clear message on the page. What is not a StudioError is logged and said to be our fault."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import gradio as gr

from core.api.visitors import actor_by
from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import StudioError
from core.kit.secrecy import hide

Answer = dict[str, Any]


def actor_of(studio: Studio, request: Any) -> Actor:
    headers, cookies = (dict(getattr(request, name, None) or {}) for name in ("headers", "cookies"))
    return actor_by(studio, headers, cookies)


def told(studio: Studio, error: Exception) -> dict[str, str]:
    """What the page shows for an error."""
    if isinstance(error, StudioError):
        return error.as_dict()
    with (studio.settings.home / "errors.log").open("a", encoding="utf-8") as log:
        log.write(f"{now().isoformat()} page\n{hide(''.join(traceback.format_exception(error)))}\n")
    return StudioError(
        "The studio made a mistake here; nothing of yours is lost.",
        "Please try again."
        + ("" if studio.settings.demo else f" What happened stands in {studio.settings.home / 'errors.log'}."),
        "unexpected",
    ).as_dict()


def door(studio: Studio, function: Callable[[Actor, Answer], Answer]) -> Callable[..., Answer]:
    """A server function a part's script may call: it knows who asks, and answers {"error": …} instead of raising."""

    def served(data: Any = None, request: gr.Request | None = None) -> Answer:
        try:
            return function(actor_of(studio, request), data if isinstance(data, dict) else {})
        except Exception as error:
            return {"error": told(studio, error)}

    served.__name__ = function.__name__
    return served


def notice(**content: Any) -> Answer:
    """A value for the page's `live` part; the id makes two equal ones in a row different."""
    return {"id": new_id("notice"), **content}


def submitting(studio: Studio, function: Callable[..., Any]) -> Callable[..., Answer]:
    """An event handler that submits a job: (actor, *inputs) → job ids to follow, told to the `live` part."""

    def handled(request: gr.Request, *values: Any) -> Answer:
        try:
            return notice(**function(actor_of(studio, request), *values))
        except Exception as error:
            return notice(error=told(studio, error))

    return handled
