"""What surrounds every tab: the rail, the header, the player and the pulse that keeps the page live."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound
from core.store.jobs import DONE, ENDED, LIVE, WAITING, Job
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.icons import icon
from ui_gradio.parts.rows import first_sound, job_row

PAGES = (
    ("voice", "Voice"), ("voices", "AI voices"), ("takes", "Takes"), ("clone", "Clone"), ("music", "Music"), ("recommend", "Recommend"), ("templates", "Templates"), ("batch", "Batch & A/B"), ("mix", "Mix"), ("analyse", "Analyse"), ("library", "Library"), ("licensing", "Licensing"), ("queue", "Queue"),
    ("costs", "Costs"), ("status", "Status"),
)  # fmt: skip
TEAM = ("team", "Team")
FRESH = timedelta(seconds=20)


def pages(studio: Studio) -> tuple[tuple[str, str], ...]:
    """The tabs there are; where nobody signs in there is no team."""
    return (*PAGES, TEAM) if studio.settings.sign_in_required else PAGES


def _key(number: int) -> str:
    return f" (Alt+{number % 10})" if number <= 10 else ""


def rail(studio: Studio) -> gr.HTML:
    buttons = "".join(
        f'<button type="button" data-page="{page}" aria-label="{name}" title="{name}{_key(number)}">{icon(page)}'
        f"<span>{name}</span>{'<em class=badge hidden></em>' if page == 'queue' else ''}</button>"
        for number, (page, name) in enumerate(pages(studio), 1)
    )
    charts = (
        "" if studio.settings.demo
        else f'<a class="charts" data-port="{studio.settings.dashboards_port}" target="_blank" rel="noopener" '
        f'title="Dashboards: costs, usage, queue, rights">{icon("charts")}<span>Charts</span></a>'
    )  # fmt: skip
    return part(
        f'<nav aria-label="Main"><div class="logo" aria-hidden="true"><i></i><i></i><i></i><i></i></div>{buttons}'
        f'<div class="low">{charts}<button type="button" data-theme aria-label="Switch light or dark" '
        f'title="Light or dark">{icon("theme")}<span>Theme</span></button></div></nav>',
        script="rail", elem_id="nav",
    )  # fmt: skip


def header(title: str, line: str, actions: str = "") -> gr.HTML:
    """`line` may hold an element with class `live-line` that a part fills in."""
    return part(
        f"<header class='ph'><div><h1>{title}</h1><p>{line}</p></div><div class='pa'>{actions}</div></header>",
        elem_classes="phw",
    )


def player() -> gr.HTML:
    return part(
        f"""<section class="pbar" aria-label="Player"><button type="button" class="play" aria-label="Play or pause"
 disabled>{PLAY}</button><div class="np"><b>Nothing playing</b><small>Press play on anything</small></div>
<span class="dur at">0:00</span><div class="seek" role="slider" tabindex="0" aria-label="Position" aria-valuemin="0"
 aria-valuemax="100" aria-valuenow="0"><svg viewBox="0 0 384 40" preserveAspectRatio="none" aria-hidden="true">
<path class="bg" d=""/><g><path class="fg" d=""/></g></svg></div><span class="dur len">0:00</span>
<button type="button" class="tb more" hidden>Details</button>
<button type="button" class="tb add" hidden>Add to mix</button></section>""",
        script="player", elem_id="player",
    )  # fmt: skip


def live(studio: Studio) -> gr.HTML:
    """Invisible. Asks once or twice a second what has changed, and tells every part of the page."""

    def pulse(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        waiting = studio.jobs.list(actor, statuses=LIVE, limit=60, roots_only=True)
        ended = studio.jobs.list(actor, statuses=ENDED, limit=12, roots_only=True)
        known = {job.id for job in [*waiting, *ended]}
        for wanted in list(data.get("follow") or [])[:20]:
            if wanted not in known:
                try:
                    ended.append(studio.jobs.show(actor, str(wanted)))
                except NotFound:
                    continue
        places = [job.id for job in waiting if job.status == WAITING and not job.paused]
        newest, total = studio.library.search(actor, limit=1)
        return {
            "jobs": [_row(studio, actor, job, places) for job in [*waiting, *ended]],
            "live": len(waiting), "paused": studio.jobs.queue_paused(), "worker": studio.worker_alive(),
            "stamp": f"{total}:{newest[0].id if newest else ''}",
        }  # fmt: skip

    return part(
        "<div hidden></div>", script="live", elem_id="live", value=None, functions=[door(studio, pulse)],
        elem_classes="unseen",
    )  # fmt: skip


def _row(studio: Studio, actor: Actor, job: Job, places: list[str]) -> dict[str, Any]:
    row = job_row(studio, job, places.index(job.id) if job.id in places else None)
    if job.status == DONE and job.finished_at is not None and now() - job.finished_at < FRESH:
        row["sound"] = first_sound(studio, actor, job)
    return row


def progress(studio: Studio, kinds: str) -> gr.HTML:
    """Bars of the jobs of these kinds that wait or run; nothing when there are none."""

    def cancel(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.jobs.cancel(actor, str(data.get("id", "")))
        return {}

    return part(
        "<div class='jobs' aria-label='In progress'></div>", script="progress", kinds=kinds,
        functions=[door(studio, cancel)], elem_classes="progress",
    )  # fmt: skip
