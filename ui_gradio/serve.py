"""Serving the page: the port, the worker inside, the examples, and a clean end."""

from __future__ import annotations

import socket
import sys
import threading

from fastapi import FastAPI

from core.app import Studio
from core.kit.errors import SetupError
from core.kit.settings import Settings
from ui_gradio import examples, limits

PURGE_EVERY_S = 300.0


def host_of(settings: Settings) -> str:
    """A Space is reached from outside its container; one's own machine is not."""
    return "0.0.0.0" if settings.demo and settings.host == "127.0.0.1" else settings.host


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used ({error.strerror or error}).",
                f"Stop what runs there, or choose another port: STUDIO_PORT={port + 1}",
                "port_taken",
            ) from error


def run(studio: Studio, app: FastAPI, *, worker: bool) -> None:
    """Blocks until Ctrl-C or SIGTERM."""
    import uvicorn

    settings = studio.settings
    config = uvicorn.Config(
        app, host=host_of(settings), port=settings.port, log_level=settings.log_level.lower(), access_log=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    over = threading.Event()

    def begin() -> None:
        # Beside the server, so that the page answers while the worker starts.
        if worker:
            studio.ensure_worker()
        examples.start(studio)
        while settings.demo and not over.wait(PURGE_EVERY_S):
            limits.purge_old(studio)

    threading.Thread(target=begin, daemon=True, name="studio-begin").start()
    sys.stdout.write(f"Creator Workbench: http://{settings.host}:{settings.port}\n")
    sys.stdout.flush()
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        over.set()
        studio.close()
