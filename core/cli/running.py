"""worker, up, doctor: the processes and their health."""

from __future__ import annotations

import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Annotated

import typer

from core.app import build_studio
from core.cli.answers import CheckLine
from core.cli.making import Json
from core.cli.session import say, studio
from core.doctor import checks, port_taken
from core.kit.errors import SetupError
from core.kit.paths import ROOT
from core.kit.settings import Settings, load_settings, process_environment


def worker() -> None:
    """Run jobs until stopped. On SQLite one worker a data folder, on PostgreSQL any number."""
    from core.jobs.worker import run_process

    opened = build_studio(load_settings())
    sys.exit(run_process(opened.worker()))


def doctor(as_json: Json = False) -> None:
    """What is ready, what is missing, and the exact line that mends it."""
    with studio() as opened:
        found = checks(opened)
    mark = {"ready": "ok", "missing": "--", "broken": "!!"}
    lines = [f"{mark[c.state]}  {c.name:<28} {c.detail}" + (f"\n      → {c.remedy}" if c.remedy else "") for c in found]
    say([CheckLine(**check.as_dict()) for check in found], as_json, "\n".join(lines))
    if any(check.state == "broken" for check in found):
        raise typer.Exit(3)


def up(
    port: Annotated[int | None, typer.Option(help="the page; STUDIO_PORT otherwise")] = None,
    dashboards_port: Annotated[
        int | None, typer.Option(help="the dashboards; STUDIO_DASHBOARDS_PORT otherwise")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="the address to listen on; others than this machine's demand users and sign-in")
    ] = None,
) -> None:
    """Start the page, the worker and the dashboards, until Ctrl-C."""
    given = {"port": port, "dashboards_port": dashboards_port, "host": host}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    opened = build_studio(settings)
    try:
        opened.access.may_listen(settings)
        running = opened.worker_alive()
    finally:
        opened.close()
    if running:
        raise SetupError(
            f"A studio already runs on {settings.home}.", f"Open http://{settings.host}:{settings.port}, or stop it first.",
            "already_running",
        )  # fmt: skip
    for variable, number in (("STUDIO_PORT", settings.port), ("STUDIO_DASHBOARDS_PORT", settings.dashboards_port)):
        if port_taken(settings.host, number):
            raise SetupError(
                f"Port {number} is taken by another program.",
                f"Stop it, or choose another: {variable}={number + 1}",
                "port_taken",
            )
    sys.exit(_run(settings))


def _run(settings: Settings) -> int:
    from honcho.environ import parse_procfile
    from honcho.manager import Manager

    manager = Manager()
    environment = process_environment(settings)
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        # exec: the signal has to reach the program itself, not a shell around it.
        manager.add_process(name, f"exec {command}", env=environment, cwd=str(ROOT))
    threading.Thread(target=_announce, args=(settings, print), daemon=True).start()
    manager.loop()
    # Ctrl-C is how a studio is meant to end.
    return 0 if manager.returncode in (None, 130, 143) else int(manager.returncode)


def _announce(settings: Settings, tell: Callable[[str], None]) -> None:
    page = f"http://{settings.host}:{settings.port}"
    dashboards = f"http://{settings.host}:{settings.dashboards_port}"
    waiting = {page: f"{page}/healthz", dashboards: f"{dashboards}/_stcore/health"}
    deadline = time.monotonic() + 120
    while waiting and time.monotonic() < deadline:
        for address, health in list(waiting.items()):
            try:
                with urllib.request.urlopen(health, timeout=2):
                    del waiting[address]
            except (urllib.error.URLError, OSError):
                continue
        time.sleep(0.3)
    if not waiting:
        tell(f"\n  Studio      {page}\n  Dashboards  {dashboards}\n  Ctrl-C stops both.\n")
