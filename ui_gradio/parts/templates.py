"""Templates on the page: all of them, one of them opened, and saving one from the Music form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.music.engine import KIND
from core.music.engines import EMBEDDED
from core.music.templates.content import use_cases
from ui_gradio import limits
from ui_gradio.errors import actor_of, door, notice, told
from ui_gradio.parts import part
from ui_gradio.parts.music_engine import SAMPLING

_VIEWS = (("all", "All"), ("mine", "Mine"), ("team", "Team"), ("popular", "Popular"), ("shipped", "Shipped"))
_FORM = (
    "prompt", "mood", "genre", "intensity", "seconds", "bpm", "key", "instruments", "ending", "loopable", "seed", "model", *SAMPLING,
)  # fmt: skip


def grid() -> gr.HTML:
    views = "".join(
        f'<button type="button" data-scope="{name}" aria-pressed="{str(name == "all").lower()}">{title}</button>'
        for name, title in _VIEWS
    )
    return part(
        f"""<div class="tps"><div class="tpt"><input type="search" class="inp" placeholder="Search templates" aria-label="Search templates">
<select class="inp by" aria-label="Order" hidden><option value="use">Most used</option><option value="kept">Most kept</option></select>
<label class="tb" tabindex="0">Import<input type="file" class="vh" accept=".yaml,.yml,text/yaml" aria-label="Import templates from a file"></label>
<button type="button" class="tb" data-act="export">Export mine</button></div>
<div class="fs" role="group" aria-label="Whose">{views}</div><div class="fs cases" role="group" aria-label="For"></div>
<div class="tpg" role="list" aria-label="Templates"></div><p class="none" hidden></p></div>""",
        script="templates", elem_id="template-grid", cases=use_cases(),
    )  # fmt: skip


def opened(studio: Studio) -> gr.HTML:
    """One template: the form of an engine with its values, and what is made with it. Over REST but for the making,
    which has the demo's limits."""

    def compose_from(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        template, provider = str(data.get("id", "")), str(data.get("provider", ""))
        overrides = data.get("overrides")
        said = dict(overrides) if isinstance(overrides, dict) else {}
        draft, best = bool(data.get("draft")), bool(data.get("best"))
        asked = studio.templates.using.plan(actor, template, said, provider=provider, best_seed=best)
        limits.music(studio, actor, {"seconds": asked.values.get("seconds", 30)})
        started = studio.templates.using.generate(
            actor, template, said | ({"draft": True} if draft else {}), provider=provider, best_seed=best,
            priority="urgent" if draft else "normal",
        )  # fmt: skip
        return {"job": started.job.id}

    engines = {"": "The first that is ready"} | {info.name: info.title for info in studio.registry.known(KIND)}
    return part(
        '<div class="tpo" hidden></div>', script="template", elem_id="template-open", cases=use_cases(), engines=engines,
        functions=[door(studio, compose_from)],
    )  # fmt: skip


def about(studio: Studio) -> gr.HTML:
    """Invisible: what stands below an opened template (history, sharing, comments), for the script that opens one."""
    return part(
        "<div hidden></div>", script="template_about", elem_classes="unseen", sharing=studio.settings.sign_in_required
    )  # fmt: skip


def saving() -> gr.HTML:
    """Asks for a name, then tells `kept` with it."""
    return part(
        '<div class="drow"><span></span><button type="button" class="tb" data-act="keep">Save as template…</button></div>',
        script="template_saving", elem_id="save-template",
    )  # fmt: skip


def keeping(studio: Studio, form_of: Callable[[tuple[Any, ...]], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The handler of `kept`: what stands in the Music form becomes a template, with the engine that was chosen by name. Its
    seed only where it is locked."""

    def keep(event: gr.EventData, request: gr.Request, *inputs: Any) -> dict[str, Any]:
        try:
            actor, values = actor_of(studio, request), form_of(inputs)
            fields = {name: values[name] for name in _FORM if values.get(name) not in (None, "", [], False)}
            if not values.get("lock"):
                fields.pop("seed", None)
            if fields.get("ending") == "resolve":
                fields.pop("ending")  # what is so anyway
            provider = "" if values.get("provider") == EMBEDDED else str(values.get("provider") or "")
            made = studio.templates.create(
                actor, name=str(event._data.get("name", "")), fields=fields, provider=provider
            )
            return notice(said=f"{made.name} is saved", more="It is under Templates.")
        except Exception as error:
            return notice(error=told(studio, error))

    return keep
