"""The studio's page: `python ui_gradio/app.py` runs it with a worker inside, as a Hugging Face Space does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# A Space runs this file without installing the project.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# Read by Gradio at its import: without it the server looks up outside hosts.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from fastapi import FastAPI

from core.app import Studio, build_studio
from core.kit.errors import StudioError
from core.kit.settings import load_settings


def build(studio: Studio) -> FastAPI:
    """The page and the routes it needs, as one app."""
    import gradio as gr
    from starlette.staticfiles import StaticFiles

    from core.api.service import api
    from core.audio import ready
    from ui_gradio import page, theme

    ready.load()

    app = api(studio)
    app.mount("/look", StaticFiles(directory=theme.STATIC), name="look")
    blocks = page.build(studio)
    blocks.queue(default_concurrency_limit=8)
    return gr.mount_gradio_app(
        app, blocks, path="/", theme=theme.theme(), css_paths=theme.STYLES, head=theme.head(), footer_links=[],
        ssr_mode=False, show_error=False, run_history=False, pwa=False, mcp_server=False,
        server_name=studio.settings.host, server_port=studio.settings.port,
        max_file_size=studio.settings.max_upload_mb * 2**20,
    )  # fmt: skip


def main() -> int:
    from ui_gradio import serve

    try:
        settings = load_settings()
        serve.check_port(serve.host_of(settings), settings.port)
        studio = build_studio(settings)
        studio.access.may_listen(settings)
        serve.run(studio, build(studio), worker="--no-worker" not in sys.argv[1:])
    except StudioError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
