"""What the page says when something cannot work: of a form, of a late answer, of a port that is taken."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, visible, watched  # noqa: F401

pytestmark = pytest.mark.ui


def test_errors_are_one_clear_message_and_nothing_typed_is_lost(watched: Callable[..., Page]) -> None:  # noqa: F811
    page = watched()
    script = page.locator("#script textarea")
    script.fill("Hello [puase 1s] there")
    expect(page.locator(".est .wrong")).to_contain_text("puase")
    expect(page.locator("#voice-generate")).to_be_disabled()
    expect(script).to_have_value("Hello [puase 1s] there")
    mine = own("said plainly")
    script.fill(f"<img src=x onerror=alert(1)> [pause 1s] {mine}")
    page.click("#voice-generate")
    take = page.locator(".tr:visible", has_text=mine)
    expect(take).to_contain_text("<img src=x onerror=alert(1)>", timeout=MADE_MS)
    expect(take).to_be_visible(timeout=MADE_MS)
    assert page.locator(".tr img").count() == 0, "what a user types is text, never markup"


def test_a_late_answer_about_earlier_words_changes_nothing(watched: Callable[..., Page]) -> None:  # noqa: F811
    """A slow machine answers what the page asked at its opening after the person has typed."""
    page = watched()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if not held and "The harbour wakes" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/run/predict*", hold)
    page.reload()
    page.wait_for_function("window.st && st['studio-draft-voice-2']")
    script = page.locator("#script textarea")
    expect(script).to_have_value(re.compile("The harbour wakes"))
    until = time.monotonic() + 30
    while not held:
        assert time.monotonic() < until, "the page asks about its first words when it opens"
        page.wait_for_timeout(50)
    script.fill("")
    page.wait_for_timeout(700)
    held[0].continue_()
    expect(page.locator(".est:visible")).to_contain_text("Nothing to speak yet")
    page.wait_for_timeout(1500)
    expect(page.locator("#voice-generate")).to_be_disabled()


def test_a_second_page_on_the_same_port_says_what_to_do(page_url: str, tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    port = str(urlsplit(page_url).port)
    env = os.environ | {"STUDIO_HOME": str(tmp_path / "other"), "STUDIO_PORT": port}
    second = subprocess.run(
        [sys.executable, "ui_gradio/app.py"], env=env, capture_output=True, text=True, timeout=180, check=False
    )
    assert second.returncode == 3
    lines = second.stderr.strip().splitlines()
    assert len(lines) == 2, second.stderr
    assert port in lines[0]
    assert "STUDIO_PORT=" in lines[1]
    assert httpx.get(f"{page_url}/healthz", timeout=60).status_code == 200
