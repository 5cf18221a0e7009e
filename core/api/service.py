"""The studio as a FastAPI app: one router per domain, one way errors are told, one way visitors are known."""

from __future__ import annotations

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.api import (
    alias_batch,
    alias_music,
    alias_recommend,
    alias_templates,
    alias_voice,
    analyse,
    analytics,
    answers,
    automations,
    batches,
    cloning,
    docs,
    effects,
    history,
    jobs,
    library,
    licensing_auditions,
    licensing_figures,
    licensing_licences,
    licensing_limits,
    licensing_own,
    licensing_papers,
    licensing_search,
    licensing_shelf,
    licensing_sync,
    media,
    mix,
    music,
    music_analytics,
    music_engines,
    music_stream,
    music_tables,
    music_trials,
    narration,
    openai,
    openai_captions,
    polish,
    previews,
    recommending,
    retakes,
    schedules,
    scoring,
    scripts,
    signin,
    speech_stream,
    styles,
    teams,
    template_files,
    template_talk,
    templates,
    uploads,
    users,
    video,
    voice,
    voice_presets,
    voice_routing,
    webhooks,
)
from core.api.bodies import Limits
from core.api.gate import Gate
from core.api.unforeseen import Unforeseen
from core.api.visitors import Visitors
from core.app import Studio

ROUTERS = (
    voice.router, scripts.router, music.router, music_engines.router, music_stream.router, mix.router, jobs.router, batches.router, library.router, analytics.router, music_analytics.router,
    alias_voice.router, alias_music.router, previews.router, alias_batch.router, music_tables.router, music_trials.router, openai.router, openai_captions.router, speech_stream.router, docs.router, media.router, uploads.router, signin.router,
    users.router, teams.router, analyse.router, webhooks.router, cloning.router, polish.router, retakes.router, narration.router, voice_presets.router,
    voice_routing.router, effects.router, template_files.router, template_talk.router, templates.router, alias_templates.router,
    schedules.router, history.router, styles.router, automations.router,
    video.router, recommending.router, alias_recommend.router, scoring.router,
    licensing_auditions.router, licensing_licences.router, licensing_papers.router, licensing_papers.outside,
    licensing_search.router, licensing_sync.router,
    licensing_shelf.router, licensing_figures.router,
    licensing_limits.router,
    licensing_own.router,
)  # fmt: skip
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Health(BaseModel):
    ok: bool
    worker: bool | None = Field(default=None, description="told where nobody has to sign in")


def api(studio: Studio) -> FastAPI:
    app = FastAPI(
        title="Creator Workbench", version="1", description=docs.ABOUT, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.studio = studio
    answers.install(app)
    app.add_middleware(Limits, max_upload_mb=studio.settings.max_upload_mb)
    if studio.settings.demo:
        app.add_middleware(Visitors)
    app.add_middleware(Gate, studio=studio)  # last, so that nothing answers before it
    app.add_middleware(Unforeseen, studio=studio)  # around it: it only speaks when something broke
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/healthz", tags=["studio"])
    def healthz() -> Health:
        """Up, and whether a worker is alive to do the work; strangers learn no more than that it is up."""
        return Health(ok=True, worker=None if studio.settings.sign_in_required else studio.worker_alive())

    # The page is mounted at "/" and would answer for what is not here; under these prefixes nothing is its own.
    for prefix in ("/api", "/v1"):
        app.add_api_route(prefix + "/{rest:path}", nowhere, methods=list(_METHODS), include_in_schema=False)
    return app


def nowhere(request: Request) -> None:
    allowed = [method for method in _METHODS if _leads_somewhere(request, method)]
    if allowed and request.method not in allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    raise HTTPException(404)


def _leads_somewhere(request: Request, method: str) -> bool:
    scope = dict(request.scope) | {"method": method}
    for route in request.app.router.routes:
        if getattr(route, "endpoint", None) is nowhere:
            return False
        if route.matches(scope)[0].name == "FULL":
            return True
    return False
