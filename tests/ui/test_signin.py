"""Signing in, working and signing out in a real browser; the page, the dashboards and gradio_client."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.ports import free_port
from tests.ui.conftest import ROOT, no_examples

pytestmark = pytest.mark.ui
WORD = "a password of some length"


def _started(command: list[str], environment: dict[str, str], address: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 180
    while True:
        assert process.poll() is None, f"{command} ended with {process.returncode}"
        assert time.monotonic() < until, f"{command} did not answer"
        try:
            if httpx.get(address).is_success:
                return process
        except httpx.TransportError:
            pass
        time.sleep(0.3)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """The page and the dashboards on every address of this machine, with two users."""
    place = tmp_path_factory.mktemp("guarded")
    studio = build_studio(load_settings(home=place / "studio"))
    studio.access.users.add(LOCAL, "root", WORD)
    studio.access.users.add(LOCAL, "ada", WORD)
    no_examples(studio)
    studio.close()
    ports = free_port(), free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_") and name != "SPACE_ID"}
    env |= {"STUDIO_HOME": str(place / "studio"), "STUDIO_PORT": str(ports[0]), "STUDIO_DASHBOARDS_PORT": str(ports[1]),
            "STUDIO_HOST": "0.0.0.0", "HOME": str(place)}  # fmt: skip
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    running = [
        _started([sys.executable, "ui_gradio/app.py"], env, f"{addresses[0]}/healthz"),
        _started([sys.executable, "-m", "dashboards"], env, f"{addresses[1]}/_stcore/health"),
    ]
    yield addresses[0], addresses[1], place / "studio"
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=90)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--mute-audio"]
        )
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    contexts = []

    def opened() -> Page:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 940}))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, name: str, password: str = WORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_in_and_out(guarded: tuple[str, str, Path], new_page: Callable[[], Page]) -> None:
    studio, dashboards, _ = guarded
    page = new_page()
    page.goto(dashboards)
    expect(page.get_by_role("heading", name="Sign in first")).to_be_visible(timeout=60_000)
    page.goto(f"{studio}/?view=library")
    sign_in(page, "root", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in(page, "root")
    page.wait_for_selector("#nav [data-page=team]")
    assert "view=library" in page.url, "back to where one wanted to go"
    page.click("#nav [data-page=team]")
    people = page.locator("#people")
    expect(people.get_by_role("heading", name="Users")).to_be_visible()
    people.get_by_label("Name of a new team").fill("Harbour")
    people.get_by_role("button", name="Make a team").click()
    expect(people.get_by_role("heading", name="Harbour")).to_be_visible()
    people.get_by_role("button", name="Invite").click()
    code = people.locator(".mend code").inner_text()
    assert code.startswith("join_")
    page.goto(dashboards)
    expect(page.get_by_role("heading", name="Costs", exact=True)).to_be_visible(timeout=60_000)

    other = new_page()
    other.goto(f"{studio}/?view=team")
    sign_in(other, "ada")
    theirs = other.locator("#people")
    expect(theirs.get_by_role("heading", name="ada", exact=True)).to_be_visible(timeout=30_000)
    expect(theirs.get_by_role("heading", name="Users")).to_have_count(0)
    theirs.get_by_label("Invitation").fill(code)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_role("heading", name="Harbour")).to_be_visible()

    page.goto(f"{studio}/?view=team")
    page.locator("#people").get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(f"{studio}/?view=voice")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(dashboards)
    expect(page.get_by_role("heading", name="Sign in first")).to_be_visible(timeout=60_000)


def test_gradio_client_comes_in_with_a_token(guarded: tuple[str, str, Path]) -> None:
    from gradio_client import Client

    studio, _, home = guarded
    opened = build_studio(load_settings(home=home))
    user = opened.access.users.show(LOCAL, "ada")
    token, _ = opened.access.tokens.create(LOCAL, "client", user_id=user.id)
    with pytest.raises(Exception, match="credentials were not provided"):
        Client(studio, verbose=False)
    client = Client(studio, headers={"Authorization": f"Bearer {token}"}, verbose=False)
    told = client.predict("Hello.", api_name="/speak")
    opened.close()
    made = httpx.get(f"{studio}/api/jobs/{told['job_id']}", headers={"Authorization": f"Bearer {token}"})
    assert made.json()["status"] == "done"


def test_who_is_no_administrator_sees_limits_and_cache_alone(
    guarded: tuple[str, str, Path], new_page: Callable[[], Page]
) -> None:
    page = new_page()
    page.goto(f"{guarded[0]}/?view=licensing")
    sign_in(page, "ada")
    page.get_by_role("tab", name="Catalogues", exact=True).click()
    expect(page.locator("#catalogue-settings [data-provider=openverse]")).to_contain_text("of 20", timeout=60_000)
    expect(page.locator("#catalogue-settings")).to_contain_text("Who runs this studio sets the catalogues up.")
    expect(page.locator("#catalogue-settings").get_by_text("Hit rate")).to_be_visible()
    expect(page.locator("#catalogue-settings").locator("form, input, button")).to_have_count(0)
    page.get_by_role("tab", name="Radar", exact=True).click()
    expect(page.get_by_role("form", name="What if it ended")).to_be_visible()
    expect(page.get_by_role("button", name="Check now")).to_be_hidden()
    expect(page.get_by_role("alert")).to_have_count(0)
