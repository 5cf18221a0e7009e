from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import StudioError, UserError
from core.kit.settings import load_settings
from core.store import assets, attempts, blobs, charges
from tests.leftovers import remaining

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.bad_input.doors import Doors, Page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a worker, shared by a module."""
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("desk") / "home"))
    built.ensure_worker()
    yield built
    built.close()


def refused(act: Callable[[], object]) -> UserError:
    """The one clear sentence and its remedy."""
    with pytest.raises(UserError) as error:
        act()
    assert error.value.message.strip()
    assert error.value.hint.strip(), error.value.message
    assert len(error.value.message) < 400, "a message nobody can read"
    assert "Traceback" not in error.value.message
    return error.value


def remedied(error: StudioError) -> None:
    assert error.hint.strip(), error.message


def litter(studio: Studio) -> list[str]:
    """Everything that should not be there once nothing runs any more; empty is clean."""
    found = [f"work/{name}" for name in remaining(studio.settings.work)]
    with studio.store.db.read() as connection:
        known = blobs.hashes(connection)
        rows, _ = assets.search(connection, LOCAL, parts=True, drafts=True, limit=10_000)
        binned, _ = assets.search(connection, LOCAL, parts=True, drafts=True, binned=True, limit=10_000)
        for job in studio.jobs.list(LOCAL, limit=10_000):
            if not job.ended:
                found.append(f"job {job.id} is {job.status}")
            made = assets.of_job(connection, job.id)
            if made and job.status != "done":
                found.append(f"job {job.id} is {job.status} but left {len(made)} assets")
            found += [
                f"charge of {job.id} is reserved"
                for row in charges.of_job(connection, job.id)
                if row.status == "reserved"
            ]
            found += [
                f"attempt of {job.id} is {row.status}"
                for row in attempts.of_job(connection, job.id)
                if row.status not in (attempts.SUCCEEDED, attempts.FAILED)
            ]
    stored = {path.parent.name + path.name for path in studio.settings.blobs.glob("??/*")}
    found += [f"blob {name} belongs to nobody" for name in stored - known]
    found += [f"blob {name} is missing" for name in known - stored]
    found += [f"{asset.id} has no row for its blob" for asset in [*rows, *binned] if asset.sha256 not in known]
    found += [f"incoming {path.name}" for path in (studio.settings.blobs / "incoming").glob("*")]
    return found


def clean(studio: Studio, within_s: float = 10.0) -> list[str]:
    """The folder of a job goes a moment after its row has ended, so wait for it."""
    until = time.monotonic() + within_s
    while (found := litter(studio)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def errors_logged(studio: Studio) -> str:
    log: Path = studio.settings.home / "errors.log"
    return log.read_text() if log.exists() else ""


@pytest.fixture(scope="module")
def page(desk: Studio) -> Page:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    from tests.bad_input.doors import Page
    from ui_gradio.doors import doors as named
    from ui_gradio.parts.report import chooser, report

    with gr.Blocks() as blocks:
        chosen, shown = chooser(desk), report(desk)
        named(desk)
    endpoints = {each.api_name: each.fn for each in blocks.fns.values()}
    begin = next(each for each in chosen.server_fns if each.__name__ == "begin")
    read = next(each for each in shown.server_fns if each.__name__ == "read")
    return Page(begin, read, endpoints["analyse"], endpoints["mix"])


@pytest.fixture(scope="module")
def client(desk: Studio) -> Iterator[TestClient]:
    from fastapi.testclient import TestClient

    from core.api.service import api

    with TestClient(api(desk), base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def doors(desk: Studio, client: TestClient, page: Page, monkeypatch: pytest.MonkeyPatch) -> Doors:
    from core.cli import keeping, making
    from core.cli import main as program
    from tests.bad_input.doors import Doors

    @contextmanager
    def opened(**_: bool) -> Iterator[Studio]:
        """The command opens a studio of its own; here it meets the one that is open, and leaves it so."""
        yield desk

    monkeypatch.setattr(keeping, "studio", opened)
    monkeypatch.setattr(making, "studio", opened)

    def typed(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["studio", *arguments])
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
            program()
        return int(left.value.code or 0), out.getvalue(), err.getvalue()

    return Doors(desk, client, page, typed)
