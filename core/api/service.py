"""The studio as a FastAPI app: one router per domain, one way errors are told, one way visitors are known."""

from __future__ import annotations

from fastapi import FastAPI

from core.api import answers, media, uploads
from core.api.visitors import Visitors
from core.app import Studio


def api(studio: Studio) -> FastAPI:
    app = FastAPI(title="Creator Workbench", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.studio = studio
    answers.install(app)
    if studio.settings.demo:
        app.add_middleware(Visitors)
    app.include_router(media.router)
    app.include_router(uploads.router)

    @app.get("/healthz")
    def healthz() -> dict[str, object]:
        """Up, and whether a worker is alive to do the work."""
        return {"ok": True, "worker": studio.worker_alive()}

    return app
