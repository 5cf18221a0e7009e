"""The queue as a table that repaints itself: where each job stands, what it costs, what can be done about it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store.jobs import ENDED, LIVE, WAITING
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import first_sound, job_row

LIVE_SHOWN, ENDED_SHOWN = 80, 30


def jobtable(studio: Studio) -> gr.HTML:
    def rows(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        live = studio.jobs.list(actor, statuses=LIVE, limit=LIVE_SHOWN, roots_only=True)
        ended = studio.jobs.list(actor, statuses=ENDED, limit=ENDED_SHOWN, roots_only=True)
        places = [job.id for job in live if job.status == WAITING and not job.paused]
        found = [job_row(studio, job, places.index(job.id) if job.id in places else None) for job in [*live, *ended]]
        opened = data.get("open")
        for row in found:
            if row["id"] == opened:
                row["children"] = [job_row(studio, child) for child in studio.jobs.children(actor, row["id"])]
        waiting = sum(job.status == WAITING for job in live)
        return {
            "rows": found, "running": len(live) - waiting, "waiting": waiting, "paused": studio.jobs.queue_paused(),
            "worker": studio.worker_alive(), "may_pause": actor.is_admin,
        }  # fmt: skip

    def act(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job_id, what = str(data.get("id") or ""), str(data.get("act"))
        match what:
            case "cancel":
                studio.jobs.cancel(actor, job_id)
            case "retry":
                studio.jobs.retry(actor, job_id)
            case "pause":
                studio.jobs.pause(actor, job_id or None)
            case "resume":
                studio.jobs.resume(actor, job_id or None)
            case "front":
                studio.jobs.reorder(actor, job_id)
            case "urgent" | "normal" | "low":
                studio.jobs.reorder(actor, job_id, priority=what)
            case "billed" | "free":
                studio.jobs.resolve(actor, job_id, billed=what == "billed")
            case "sound":
                return {"sound": first_sound(studio, actor, studio.jobs.show(actor, job_id))}
            case _:
                raise UserError(f"There is no action {what[:40]!r}.", "Reload the page.")
        return {}

    return part(
        """<table class="qt"><caption class="vh">Jobs</caption><thead><tr><th scope="col">Job</th><th scope="col">Progress</th>
<th scope="col">Left</th><th scope="col">Cost</th><th scope="col">Priority</th><th scope="col"><span class="vh">Actions</span></th></tr></thead><tbody></tbody></table><p class="none" hidden>The queue is empty. What you make passes through here.</p>""",
        script="jobtable", functions=[door(studio, rows), door(studio, act)], elem_id="jobtable",
    )  # fmt: skip
