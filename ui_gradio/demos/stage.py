"""What every demo needs: a studio with its worker, a job waited for with its progress, one clear message for an error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from core.app import Studio, build_studio
from core.audio.files import decode
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.kit.settings import load_settings
from core.store.jobs import DONE, Job
from ui_gradio import limits, serve
from ui_gradio.errors import actor_of, told

LOOK_S = 0.2
SHOWN = gr.Progress()
"""The default of a handler's `progress`: Gradio puts the request's own in its place."""
Sound = tuple[int, Any]
"""Sample rate and int16 samples (frames, channels), as gr.Audio takes them."""


def answered(studio: Studio, request: gr.Request, work: Callable[[Actor], Any]) -> Any:
    """The work for whoever asks; what went wrong becomes one message."""
    try:
        actor = actor_of(studio, request)
        limits.may_submit(studio, actor)
        return work(actor)
    except Exception as error:
        said = told(studio, error)
        raise gr.Error(f"{said['message']} {said['hint']}", print_exception=False) from None


def done(
    studio: Studio, actor: Actor, job: Job, progress: gr.Progress, share: tuple[float, float] = (0.0, 1.0)
) -> Job:  # fmt: skip
    """Waits with the job's own stages, which bring the bar from one end of `share` to the other."""
    low, high = share
    while not job.ended:
        progress(low + (high - low) * job.fraction, desc=job.stage)
        time.sleep(LOOK_S)
        job = studio.jobs.show(actor, job.id)
    if job.status != DONE:
        raise studio.jobs.failure(job) or StudioError("It was cancelled.", "Press the button again.")
    return job


def heard(studio: Studio, actor: Actor, job: Job, progress: gr.Progress) -> tuple[Sound, str]:
    """The sound, and what may be done with it."""
    job = done(studio, actor, job, progress)
    asset = studio.jobs.assets(actor, job.id)[0]
    audio = decode(studio.library.file(actor, asset.id))
    sound = np.round(np.clip(audio.samples.T, -1, 1) * 32767).astype(np.int16)
    return (audio.sample_rate, sound), f"{asset.duration_s:.1f} s · ${asset.cost_usd:.2f} · {asset.licence['title']}"


def play(build: Callable[[Studio], gr.Blocks]) -> int:
    """The program of a demo: page, routes and worker in one process."""
    from core.api.service import api
    from core.audio import ready

    try:
        settings = load_settings()
        serve.check_port(serve.host_of(settings), settings.port)
        ready.load()
        studio = build_studio(settings)
        studio.access.may_listen(settings)
        app = gr.mount_gradio_app(
            api(studio), build(studio).queue(default_concurrency_limit=4), path="/", ssr_mode=False, show_error=False, pwa=False,
            mcp_server=False, footer_links=[], max_file_size=settings.max_upload_mb * 2**20,
        )  # fmt: skip
        serve.run(studio, app, worker=True)
    except StudioError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return error.exit_code
    return 0
