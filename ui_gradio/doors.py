"""Named endpoints for gradio_client: speak, music, mix, analyse. Each submits a job, waits for it and answers what came
out. They are the same jobs as everywhere; the client's own cancel only stops the waiting.

    Client("http://127.0.0.1:7860").predict("Good evening.", api_name="/speak")
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import Cancelled, StudioError
from core.store.jobs import CANCELLED, DONE, Job
from ui_gradio import limits
from ui_gradio.errors import actor_of, told

WAIT_S = 600.0
_LOOK_S = 0.1


def doors(studio: Studio) -> None:
    """Called once inside the page's Blocks."""

    def speak(
        text: str, voice: str = "", speed: float = 1.0, pitch: float = 0.0, captions: bool = True,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:  # fmt: skip
        """Speak a text. `voice` is an id or a name; speed 0.5 to 2, pitch in semitones."""
        values = {"text": text, "voice": voice, "speed": speed, "pitch": pitch, "captions": captions}
        return answer(request, lambda actor: studio.voice.speak(actor, **limits.speech(studio, actor, values)))

    def music(
        prompt: str, seconds: float = 30.0, seed: int | None = None, mood: str = "", genre: str = "",
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:  # fmt: skip
        """Compose a piece of music: `seconds` 3 to 600; the same seed makes the same piece."""
        values = {"prompt": prompt, "seconds": seconds, "seed": seed, "mood": mood, "genre": genre}
        return answer(request, lambda actor: studio.music.compose(actor, **limits.music(studio, actor, values)))

    def mix(
        voice_ids: list[str], music_id: str | None = None, duck_db: float = 10.0,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:  # fmt: skip
        """Lay voices (ids of assets) over music."""

        def submit(actor: Actor) -> Job:
            limits.may_submit(studio, actor)
            return studio.sound.voice_over_music(actor, voice_ids, music_id or None, duck_db=duck_db)

        return answer(request, submit)

    def analyse(
        asset_id: str, full: bool = False,
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:  # fmt: skip
        """Measure an asset: tempo, key, loudness, problems; `full` adds beats, chords, sections and more."""

        def submit(actor: Actor) -> Job:
            limits.may_submit(studio, actor)
            return studio.analysing.submit(actor, asset_id, full=full)

        return answer(request, submit)

    def answer(request: gr.Request, submit: Callable[[Actor], Job]) -> dict[str, Any]:
        try:
            actor = actor_of(studio, request)
            return _made(studio, actor, _ended(studio, actor, submit(actor)))
        except Exception as error:
            said = told(studio, error)
            raise gr.Error(f"{said['message']} {said['hint']}".strip(), print_exception=False) from None

    for door in (speak, music, mix, analyse):
        gr.api(door, api_name=door.__name__, concurrency_limit=4)


def _ended(studio: Studio, actor: Actor, job: Job) -> Job:
    until = time.monotonic() + WAIT_S
    while not job.ended and time.monotonic() < until:
        time.sleep(_LOOK_S)
        job = studio.jobs.show(actor, job.id)
    if job.status == DONE:
        return job
    if job.status == CANCELLED:
        raise Cancelled
    raise studio.jobs.failure(job) or StudioError(
        f"Job {job.id} is not done yet ({job.stage}).", "Is a worker running?"
    )


def _made(studio: Studio, actor: Actor, job: Job) -> dict[str, Any]:
    pieces = [
        {
            "id": asset.id,
            "role": asset.role,
            "name": asset.name,
            "duration_s": asset.duration_s,
            "url": f"/media/{asset.id}",
        }
        for asset in studio.jobs.assets(actor, job.id)
    ]
    return {
        "job_id": job.id, "status": job.status, "cost_usd": str(studio.jobs.cost(actor, job.id)), "assets": pieces,
        "report": (job.result or {}).get("report"),
    }  # fmt: skip
